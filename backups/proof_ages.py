"""How old the last proof of a parish's backups is, and whether the last one failed: for lists, checks and the clock."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from backups.models import Backup, BackupPolicy, BackupState, ProofOutcome, ProofReport
from backups.policies import find_policies_of, find_policy
from tenants.models import Instance

# Nights that may be missed: a turn comes so many days before the policy's end, and is told as late so many after it.
SPARE_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFacts:
    """`proven_at`: the last time that a set was proven; `wanted_since`: when the first set that is known was taken;
    `failed`: the report of the last proof that decided, when it failed. None: there is none. `warning_days`: the age
    from which a proof is late; None: the policy wants none."""

    proven_at: datetime | None
    wanted_since: datetime | None
    failed: ProofReport | None
    warning_days: int | None

    def is_late(self, *, now: datetime) -> bool:
        """Return whether the last proof is older than the policy wants, or none came in that time."""
        since = self.proven_at or self.wanted_since
        return self.warning_days is not None and since is not None and (now - since).days >= self.warning_days


def get_proof_facts(instance: Instance) -> ProofFacts:
    """Return what is known of the proofs of the instance's sets."""
    decided = ProofReport.objects.filter(backup__instance=instance).exclude(outcome=ProofOutcome.UNDECIDED)
    last = decided.select_related("backup", "operation").order_by("-pk").first()
    proven = decided.filter(outcome=ProofOutcome.PROVEN).aggregate(last=Max("ended_at"))["last"]
    good = Backup.objects.filter(instance=instance, stored_bytes__isnull=False).order_by("started_at").first()
    return ProofFacts(
        proven_at=proven,
        wanted_since=None if good is None else good.started_at,
        failed=last if last is not None and last.outcome == ProofOutcome.FAILED else None,
        warning_days=compute_warning_days(find_policy(instance)),
    )


def compute_period(policy: BackupPolicy) -> int | None:
    """Return in how many days an instance's turn comes once; None: the policy wants no proofs."""
    return max(1, policy.proof_days - SPARE_DAYS) if policy.proof_days else None


def compute_warning_days(policy: BackupPolicy) -> int | None:
    """Return from which age a proof is late; None: the policy wants none."""
    return policy.proof_days + SPARE_DAYS if policy.proof_days else None


def make_last_proof(outer: str) -> Subquery:
    """Return, for a query of other rows, when a set of the instance was last proven. `outer`: the path to it."""
    rows = ProofReport.objects.filter(backup__instance=OuterRef(outer), outcome=ProofOutcome.PROVEN).order_by("-pk")
    return Subquery(rows.values("ended_at")[:1], output_field=DateTimeField())


def select_failed(rows: QuerySet[Instance]) -> QuerySet[Instance]:
    """Narrow to the instances of which the last proof that decided failed."""
    return rows.annotate(last_proof=make_last_outcome("pk")).filter(last_proof=ProofOutcome.FAILED)


def make_last_outcome(outer: str) -> Subquery:
    """Return, for a query of other rows, what the last proof that decided found. `outer`: the path to the instance."""
    decided = ProofReport.objects.filter(backup__instance=OuterRef(outer)).exclude(outcome=ProofOutcome.UNDECIDED)
    return Subquery(decided.order_by("-pk").values("outcome")[:1])


def select_overdue(rows: QuerySet[Instance], *, now: datetime) -> QuerySet[Instance]:
    """Narrow to the instances whose last proof is older than their policy wants, or that have had sets for as long and
    never one proven."""
    groups: defaultdict[int | None, list[int]] = defaultdict(list)
    for key, policy in find_policies_of(dict(rows.order_by().values_list("pk", "kind"))).items():
        groups[compute_warning_days(policy)].append(key)
    late = Q(pk__in=[])
    for days, keys in groups.items():
        if days is not None:
            before = now - timedelta(days=days)
            old = Backup.objects.filter(instance=OuterRef("pk"), stored_bytes__isnull=False, started_at__lt=before)
            late |= Q(Q(proof_at__lt=before) | Q(Exists(old), proof_at=None), pk__in=keys)
    return rows.annotate(proof_at=make_last_proof("pk")).filter(late)


def order_by_proof(rows: QuerySet[Instance]) -> QuerySet[Any]:
    """Return the rows, those never proven first, then those proven longest ago, each with `proof_at`."""
    dated: QuerySet[Any] = rows.annotate(proof_at=make_last_proof("pk"))
    return dated.order_by(F("proof_at").asc(nulls_first=True), "identifier")


def list_provable(rows: QuerySet[Instance]) -> QuerySet[Instance]:
    """Narrow to the instances with a good set of everything."""
    return rows.filter(Exists(_select_whole("pk")))


def make_proof_set(outer: str) -> Coalesce:
    """Return, for a query of other rows, the key of the set that is proven next, as prove_parameters.pick_set has it.
    `outer`: the path to the instance."""
    newest = _select_whole(outer).order_by("-started_at").values("pk")
    return Coalesce(Subquery(newest.filter(proven_at=None)[:1]), Subquery(newest[:1]))


def _select_whole(outer: str) -> QuerySet[Backup]:
    good = Backup.objects.filter(instance=OuterRef(outer), state=BackupState.GOOD, scope="full")
    return good.exclude(reason="safety")
