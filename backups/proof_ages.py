"""How old the last proof of a parish's backups is, and whether the last one failed: for lists, checks and the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from backups.freshness import PROOF_WARNING_DAYS
from backups.models import Backup, BackupState, ProofOutcome, ProofReport
from tenants.models import Instance

# Every parish's turn comes once in so many days.
PROOF_PERIOD_DAYS = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFacts:
    """`proven_at`: the last time that a set was proven; `wanted_since`: when the first set that is known was taken;
    `failed`: the report of the last proof that decided, when it failed. None: there is none."""

    proven_at: datetime | None
    wanted_since: datetime | None
    failed: ProofReport | None


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
    )


def make_last_proof(outer: str) -> Subquery:
    """Return, for a query of other rows, when a set of the instance was last proven. `outer`: the path to it."""
    rows = ProofReport.objects.filter(backup__instance=OuterRef(outer), outcome=ProofOutcome.PROVEN).order_by("-pk")
    return Subquery(rows.values("ended_at")[:1], output_field=DateTimeField())


def select_failed(rows: QuerySet[Instance]) -> QuerySet[Instance]:
    """Narrow to the instances of which the last proof that decided failed."""
    decided = ProofReport.objects.filter(backup__instance=OuterRef("pk")).exclude(outcome=ProofOutcome.UNDECIDED)
    last = Subquery(decided.order_by("-pk").values("outcome")[:1])
    return rows.annotate(last_proof=last).filter(last_proof=ProofOutcome.FAILED)


def select_overdue(rows: QuerySet[Instance], *, now: datetime) -> QuerySet[Instance]:
    """Narrow to the instances whose last proof is too old, or that have had sets for as long and never one proven."""
    before = now - timedelta(days=PROOF_WARNING_DAYS)
    old = Backup.objects.filter(instance=OuterRef("pk"), stored_bytes__isnull=False, started_at__lt=before)
    dated = rows.annotate(proof_at=make_last_proof("pk"))
    return dated.filter(Q(proof_at__lt=before) | Q(proof_at=None) & Exists(old))


def order_by_proof(rows: QuerySet[Instance]) -> QuerySet[Any]:
    """Return the rows, those never proven first, then those proven longest ago, each with `proof_at`."""
    dated: QuerySet[Any] = rows.annotate(proof_at=make_last_proof("pk"))
    return dated.order_by(F("proof_at").asc(nulls_first=True), "identifier")


def list_provable(rows: QuerySet[Instance]) -> QuerySet[Instance]:
    """Narrow to the instances with a good set of everything."""
    good = Backup.objects.filter(instance=OuterRef("pk"), state=BackupState.GOOD, scope="full").exclude(reason="safety")
    return rows.filter(Exists(good))
