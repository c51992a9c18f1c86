"""Who of the selected instances takes part in a campaign, and why the others do not. Reads rows, each kind once."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils.timezone import localdate

from backups.ages import find_protection
from backups.models import Backup, BackupReason, BackupScope, BackupState
from backups.policies import find_thresholds
from campaigns.drafts import CampaignDraft
from campaigns.models import CampaignMember, InstanceHold, ReleaseStanding
from domain.campaigns import LeftOut, ReleaseState
from domain.errors import CiviparoisseError, InvalidValue
from domain.specs import InstanceKind
from domain.states import OperationKind
from operations.declarations import KindDefinition
from operations.declared_parameters import BackupUse
from operations.models import Operation
from operations.registry import get_kind
from operations.subjects import make_lock
from tenants.models import Instance
from tenants.registry import get_release

# What the answer of a kind's own check depends on, by the parameter that it is about: asked once for all instances that
# are alike.
ALIKE: Mapping[str, Callable[[Instance], Hashable]] = {
    "release": lambda instance: instance.release_id,
    "plan": lambda instance: instance.plan_id,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an instance takes no part. `code`, `params`: the error that its operation would meet, or ""."""

    why: LeftOut
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


def find_refusals(draft: CampaignDraft, instances: list[Instance], *, now: datetime) -> dict[int, Refusal]:
    """Return the refusal of each of `instances` that takes no part, by its key. As many queries for ten as for
    thousands."""
    kind = get_kind(draft.kind)
    checks: list[dict[int, Refusal]] = [
        _find_wrong_states(kind, instances),
        _find_refused(kind, draft, instances),
        _find_without_sets(kind, instances, now=now),
        _find_held_back(draft, instances, now=now),
        _find_taken(instances),
    ]
    refusals: dict[int, Refusal] = {}
    for found in checks:
        refusals = found | refusals  # the first reason stays
    return refusals


def find_obstacles(draft: CampaignDraft) -> list[CiviparoisseError]:
    """Return why nobody at all may be brought to the release of an upgrade: withdrawn, or its notes were not read."""
    if draft.kind != OperationKind.UPGRADE:
        return []
    release = get_release(draft.parameters["release"])
    standing = ReleaseStanding.objects.filter(release=release).first()
    obstacles = []
    if standing is not None and standing.state == ReleaseState.WITHDRAWN:
        obstacles.append(CiviparoisseError("campaign_release_withdrawn", release=release.name))
    if standing is not None and standing.notes.strip() and not draft.notes_read:
        obstacles.append(CiviparoisseError("campaign_notes_unread", release=release.name))
    return obstacles


def _find_wrong_states(kind: KindDefinition, instances: list[Instance]) -> dict[int, Refusal]:
    refusals = {}
    locks = {make_lock(kind, instance): instance for instance in instances if kind.is_for(instance.kind)}
    busy = set(Operation.objects.filter(lock__isnull=False).values_list("lock", flat=True))
    for instance in instances:
        if not kind.is_for(instance.kind):
            refusals[instance.pk] = Refusal(why=LeftOut.KIND)
    for lock, instance in locks.items():
        # Something is done to it: in which state it will be then, nobody knows yet. It waits its turn.
        if lock not in busy and not kind.may_be_asked_in(instance.state):
            refusals[instance.pk] = Refusal(why=LeftOut.STATE)
    return refusals


def _find_refused(kind: KindDefinition, draft: CampaignDraft, instances: list[Instance]) -> dict[int, Refusal]:
    """Ask the kind's own check, once for those that are alike. Kinds without such a rule are asked nothing: what their
    check says depends on what will be there when it is their turn."""
    signature = next((alike for name, alike in ALIKE.items() if kind.takes(name)), None)
    if signature is None:
        return {}
    answers: dict[Hashable, Refusal | None] = {}
    for instance in instances:
        alike = signature(instance)
        if alike not in answers:
            answers[alike] = _ask_check(kind, draft, instance)
    return {instance.pk: _tell(answer, instance) for instance in instances if (answer := answers[signature(instance)])}


def _ask_check(kind: KindDefinition, draft: CampaignDraft, instance: Instance) -> Refusal | None:
    try:
        kind.check(instance, dict(draft.parameters))
    except InvalidValue as error:
        if error.params.get("field") in draft.parameters:
            return Refusal(why=LeftOut.NOTHING_TO_DO)
        return Refusal(why=LeftOut.REFUSED, code=error.code, params=error.params)
    except CiviparoisseError as error:
        why = LeftOut.DOWNGRADE if error.code == "downgrade_refused" else LeftOut.REFUSED
        return Refusal(why=why, code=error.code, params=error.params)
    return None


def _tell(answer: Refusal, instance: Instance) -> Refusal:
    """Return the answer for those that are alike as that of `instance`."""
    if "instance" not in answer.params:
        return answer
    return Refusal(why=answer.why, code=answer.code, params={**answer.params, "instance": instance.identifier})


def _find_without_sets(kind: KindDefinition, instances: list[Instance], *, now: datetime) -> dict[int, Refusal]:
    """Find those without a set that the kind needs: an upgrade of production wants one as young as the policy warns of,
    and a checked copy elsewhere where sets are to be elsewhere; a proof wants any."""
    reads_sets = any(parameter.of_backups is BackupUse.READ for parameter in kind.parameters)
    if not reads_sets and kind.code != OperationKind.UPGRADE:
        return {}
    newest = _find_newest_sets()
    lacking = Refusal(why=LeftOut.NO_RECENT_BACKUP)
    if reads_sets:
        return {instance.pk: lacking for instance in instances if instance.pk not in newest}
    lasting = [instance for instance in instances if instance.kind == InstanceKind.PRODUCTION]
    thresholds = find_thresholds(lasting)
    protections = find_protection([instance.pk for instance in lasting], now=now)
    refusals = {}
    for instance in lasting:
        good_at, protection = newest.get(instance.pk), protections.get(instance.pk)
        is_young = good_at is not None and now - good_at <= timedelta(hours=thresholds[instance.pk][0])
        if not is_young or (protection is not None and (protection.protected_at is None or protection.is_late)):
            refusals[instance.pk] = lacking
    return refusals


def _find_newest_sets() -> dict[int, datetime]:
    rows = Backup.objects.filter(state=BackupState.GOOD, scope=BackupScope.FULL).exclude(reason=BackupReason.SAFETY)
    return dict(rows.order_by().values_list("instance").annotate(Max("started_at")))


def _find_held_back(draft: CampaignDraft, instances: Iterable[Instance], *, now: datetime) -> dict[int, Refusal]:
    """Find who is held on its release until today or later, and production where the release is in test."""
    if draft.kind != OperationKind.UPGRADE:
        return {}
    holds = InstanceHold.objects.filter(Q(until=None) | Q(until__gte=localdate(now)))
    held = set(holds.values_list("instance", flat=True))
    in_test = ReleaseStanding.objects.filter(release__name=draft.parameters["release"], state=ReleaseState.TEST)
    is_in_test = in_test.exists()
    refusals = {}
    for instance in instances:
        if instance.pk in held:
            refusals[instance.pk] = Refusal(why=LeftOut.HELD)
        elif is_in_test and instance.kind == InstanceKind.PRODUCTION:
            refusals[instance.pk] = Refusal(why=LeftOut.RELEASE_IN_TEST)
    return refusals


def _find_taken(instances: Iterable[Instance]) -> dict[int, Refusal]:
    """Find who takes part in another campaign that has not ended."""
    rows = CampaignMember.objects.filter(lock__isnull=False).values_list("lock", "campaign__public_id")
    taken = dict(rows.order_by())
    return {
        instance.pk: Refusal(
            why=LeftOut.OTHER_CAMPAIGN,
            code="campaign_instance_taken",
            params={"instance": instance.identifier, "campaign": taken[instance.identifier]},
        )
        for instance in instances
        if instance.identifier in taken
    }
