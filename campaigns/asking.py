"""Asks for the operation of one member through the ordinary door, once, and ties both together.

The operation is asked for under a key of the member and its attempt: the same key never begins a second one. The member
is moved in the very transaction that writes the operation (`note_begun`), under the campaign's lock, where the limit is
looked at again: two passes at once neither ask twice nor for more than may be at work.
"""

from datetime import datetime

from django.utils.crypto import constant_time_compare, salted_hmac

from campaigns.models import Campaign, CampaignMember
from campaigns.moves import ADVANCE_TASK, hold_campaign, make_state_error
from domain.campaigns import CampaignState, MemberState
from domain.errors import CiviparoisseError, NotFound
from domain.states import ENDED_OPERATION_STATES, OperationState
from operations.doorbell import ring_task_on_commit
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance

PREFIX = "campaign"


def ask_for_member(campaign: Campaign, member: CampaignMember) -> Operation:
    """Ask for the operation of `member` (its instance selected with it) and return it. Asked for already, nothing
    happens. Raise what request_operation raises, or NotFound where the instance is not there any more."""
    if member.instance is None:
        raise NotFound(what="instance", name=member.subject)
    return request_operation(
        kind=campaign.kind,
        instance=member.instance,
        requested_by=f"campaign {campaign.public_id}",
        parameters=dict(campaign.parameters),
        idempotency_key=make_key(campaign, member),
    )


def make_key(campaign: Campaign, member: CampaignMember) -> str:
    """Return the key under which the present attempt of a member is asked for. Signed, since keys of others come in by
    the API: whoever could write one would have their operation taken for the member's."""
    return _sign(f"{PREFIX}:{campaign.public_id}:{member.pk}:{member.attempt}")


def note_change(instance: Instance, *, operation: Operation, now: datetime) -> None:
    """A listener to changes of instances: ties an operation to its member in the transaction that writes it, and rings
    for the next one when it has ended. Raise CiviparoisseError, so that no operation is written either, where the
    campaign stands still, the member had its turn, or as many are at work as may be."""
    place = _read_key(operation.idempotency_key or "")
    if place is None:
        return
    if operation.state in ENDED_OPERATION_STATES:
        ring_task_on_commit(ADVANCE_TASK)
    elif operation.state == OperationState.QUEUED:
        _note_begun(place, instance, operation=operation, now=now)


def _note_begun(place: tuple[str, int, int], instance: Instance, *, operation: Operation, now: datetime) -> None:
    public_id, member_pk, attempt = place
    with hold_campaign(public_id) as campaign:
        if campaign.state != CampaignState.RUNNING:
            raise make_state_error(campaign)
        at_work = campaign.members.filter(state=MemberState.RUNNING.value, instance__engine=instance.engine)
        if at_work.count() >= campaign.limit_per_cluster:
            raise CiviparoisseError("campaign_full", campaign=public_id)
        rows = campaign.members.filter(
            pk=member_pk, attempt=attempt, state=MemberState.WAITING.value, instance=instance
        )
        begun = {"state": MemberState.RUNNING.value, "operation": operation, "began_at": now, "waits_for": ""}
        if rows.update(**begun) != 1:
            raise make_state_error(campaign)


def _read_key(key: str) -> tuple[str, int, int] | None:
    """Return (campaign, member, attempt) of a key of ours; None for every other."""
    told, _colon, _signature = key.rpartition(":")
    if not told.startswith(f"{PREFIX}:") or not constant_time_compare(key, _sign(told)):
        return None
    _prefix, public_id, member, attempt = told.split(":")
    return public_id, int(member), int(attempt)


def _sign(told: str) -> str:
    return f"{told}:{salted_hmac('campaigns.asking', told, algorithm='sha256').hexdigest()[:32]}"
