"""Notes how the operations of members ended, and how the waves of a campaign stand then. Under the campaign's lock."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, Q

from campaigns.models import Campaign, CampaignMember
from campaigns.scheduling import WaveCount
from domain.campaigns import MemberState
from domain.error_texts import TEXTS
from domain.states import ENDED_OPERATION_STATES, OperationState
from operations.closing import RESULT_KEY
from operations.models import Operation

COLUMNS = ("state", "error_code", "error_params", "closed_seconds", "ended_at")


def follow_members(campaign: Campaign, *, now: datetime) -> int:
    """Note the members whose operations have ended, and return how many; as many queries for one as for all."""
    ended = [state.value for state in ENDED_OPERATION_STATES]
    running = campaign.members.filter(state=MemberState.RUNNING.value)
    over = list(running.filter(Q(operation=None) | Q(operation__state__in=ended)).select_related("operation"))
    for member in over:
        _note_end(campaign, member, now=now)
    if over:
        # Narrowed again: nobody else writes meanwhile, and if somebody did, this would not undo it.
        running.bulk_update(over, COLUMNS, batch_size=500)
    return len(over)


def count_waves(campaign: Campaign) -> Mapping[int, WaveCount]:
    """Return how each wave stands, by its number."""
    states = {
        "waiting": Q(state=MemberState.WAITING.value),
        "running": Q(state=MemberState.RUNNING.value),
        "done": Q(state=MemberState.DONE.value),
        "failed": Q(state=MemberState.FAILED.value, is_accepted=False),
        "accepted": Q(state=MemberState.FAILED.value, is_accepted=True),
    }
    members = campaign.members.exclude(state=MemberState.LEFT_OUT.value).order_by()
    counted = members.values("wave").annotate(**{name: Count("pk", filter=state) for name, state in states.items()})
    return {
        wave: WaveCount(**dict(zip(states, counts, strict=True)))
        for wave, *counts in counted.values_list("wave", *states)
    }


def _note_end(campaign: Campaign, member: CampaignMember, *, now: datetime) -> None:
    operation = member.operation
    member.ended_at = now if operation is None or operation.ended_at is None else operation.ended_at
    member.closed_seconds = None if operation is None else _read_closed(operation)
    if operation is not None and operation.state == OperationState.SUCCEEDED:
        member.state, member.error_code, member.error_params = MemberState.DONE.value, "", {}
        return
    member.state = MemberState.FAILED.value
    member.error_code, member.error_params = _find_error(campaign, member)


def _find_error(campaign: Campaign, member: CampaignMember) -> tuple[str, dict[str, object]]:
    operation = member.operation
    if operation is None:
        return "campaign_operation_lost", {"instance": member.subject, "campaign": campaign.public_id}
    if not operation.error_code or operation.error_code not in TEXTS:
        return "operation_cancelled", {"operation": operation.public_id, "instance": operation.subject}
    return operation.error_code, operation.error_params


def _read_closed(operation: Operation) -> int | None:
    seconds = operation.result.get(RESULT_KEY)
    return int(seconds) if isinstance(seconds, (int, float)) and seconds >= 0 else None
