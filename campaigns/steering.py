"""What people do with a campaign that there is: start, pause, resume, cancel, retry what failed, write notes."""

from datetime import datetime

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _

from campaigns.models import Campaign, CampaignMember
from campaigns.moves import ADVANCE_TASK, hold_campaign, make_state_error, move_campaign, record_event
from domain.campaigns import CAMPAIGN_MOVES, NOTES_LENGTH, CampaignMove, MemberState, PauseReason
from domain.errors import CiviparoisseError, InvalidValue
from operations.doorbell import ring_task_on_commit
from operations.permissions import Person, require, require_kind

CHANGE = "campaigns.change_campaign"
REASON_LENGTH = 500
NOTED = "noted"
NOT_PAUSED = {"why_paused": "", "pause_note": "", "paused_at": None}


def start_campaign(campaign: Campaign, *, by: str, now: datetime, person: Person | None = None) -> Campaign:
    """Let a planned campaign begin; its first operations are asked for when its window is open. Return it as it is
    then. `person`: the account that asks, which must have what the kind takes; None for whoever has the machine's
    account. Raise CiviparoisseError `campaign_state_forbids`, here as below, or PermissionMissing."""
    _require(campaign, person)
    with hold_campaign(campaign.public_id) as held:
        move_campaign(held, CampaignMove.START, by=by, now=now, changes={"started_at": now})
        ring_task_on_commit(ADVANCE_TASK)
    return held


def pause_campaign(
    campaign: Campaign, *, by: str, now: datetime, reason: str = "", person: Person | None = None
) -> Campaign:
    """Let nothing more begin until it is resumed; what runs goes on to its end. `reason`: as people wrote it."""
    _require(campaign, person, asks=False)
    note = _read_text("reason", reason, most=REASON_LENGTH)
    with hold_campaign(campaign.public_id) as held:
        changes = {"why_paused": PauseReason.PERSON.value, "pause_note": note, "paused_at": now}
        move_campaign(held, CampaignMove.PAUSE, by=by, now=now, changes=changes, data={"reason": note})
    return held


def resume_campaign(campaign: Campaign, *, by: str, now: datetime, person: Person | None = None) -> Campaign:
    """Go on with a paused campaign: what has failed until now counts for its stop rule no more."""
    _require(campaign, person)
    with hold_campaign(campaign.public_id) as held:
        accepted = held.members.filter(state=MemberState.FAILED.value, is_accepted=False).update(is_accepted=True)
        move_campaign(held, CampaignMove.RESUME, by=by, now=now, changes=NOT_PAUSED, data={"accepted": accepted})
        ring_task_on_commit(ADVANCE_TASK)
    return held


def cancel_campaign(campaign: Campaign, *, by: str, now: datetime, person: Person | None = None) -> Campaign:
    """Let nothing more begin, ever; what runs goes on to its end. Who never had a turn is free for others at once."""
    _require(campaign, person, asks=False)
    with hold_campaign(campaign.public_id) as held:
        move_campaign(held, CampaignMove.CANCEL, by=by, now=now, changes=NOT_PAUSED)
        waiting = held.members.filter(state=MemberState.WAITING.value)
        waiting.update(state=MemberState.CANCELLED.value, lock=None, waits_for="", ended_at=now)
        ring_task_on_commit(ADVANCE_TASK)
    return held


def retry_failed(campaign: Campaign, *, by: str, now: datetime, person: Person | None = None) -> Campaign:
    """Let the failed members have another turn. Raise `campaign_nothing_to_retry`, or `campaign_instance_taken` where
    one takes part in another campaign meanwhile; then nothing was changed."""
    _require(campaign, person)
    try:
        with hold_campaign(campaign.public_id) as held:
            return _retry(held, by=by, now=now)
    except IntegrityError as error:
        raise _find_taker(campaign) from error


def write_notes(campaign: Campaign, notes: str, *, by: str, now: datetime, person: Person | None = None) -> Campaign:
    """Replace the notes of a campaign, in any state. Raise InvalidValue for too long ones."""
    _require(campaign, person, asks=False)
    text = _read_text("notes", notes, most=NOTES_LENGTH)
    with hold_campaign(campaign.public_id) as held:
        if held.notes != text:
            held.notes = text
            held.save(update_fields=["notes"])
            record_event(held, NOTED, by=by, now=now)
    return held


def _retry(campaign: Campaign, *, by: str, now: datetime) -> Campaign:
    if campaign.state not in CAMPAIGN_MOVES[CampaignMove.RETRY][0]:
        raise make_state_error(campaign)
    failed = campaign.members.filter(state=MemberState.FAILED.value)
    again = failed.update(
        state=MemberState.WAITING.value,
        lock=F("subject"),
        attempt=F("attempt") + 1,
        operation=None,
        error_code="",
        error_params={},
        is_accepted=False,
        closed_seconds=None,
        began_at=None,
        ended_at=None,
    )
    if not again:
        raise CiviparoisseError("campaign_nothing_to_retry", campaign=campaign.public_id)
    move_campaign(campaign, CampaignMove.RETRY, by=by, now=now, changes=NOT_PAUSED, data={"members": again})
    ring_task_on_commit(ADVANCE_TASK)
    return campaign


def _find_taker(campaign: Campaign) -> CiviparoisseError:
    own = campaign.members.values("subject")
    other = CampaignMember.objects.filter(lock__in=own).exclude(campaign=campaign).select_related("campaign").first()
    if other is None:
        return CiviparoisseError("campaign_instance_taken", instance="?", campaign="?", retryable=True)
    return CiviparoisseError("campaign_instance_taken", instance=other.subject, campaign=other.campaign.public_id)


def _require(campaign: Campaign, person: Person | None, *, asks: bool = True) -> None:
    """Raise PermissionMissing unless `person` may steer campaigns and, where it `asks` for operations, may ask for
    those of its kind."""
    if person is not None:
        require(person, CHANGE)
        if asks:
            require_kind(person, campaign.kind)


def _read_text(name: str, text: str, *, most: int) -> str:
    stripped = text.strip()
    if len(stripped) > most or "\x00" in stripped:
        raise InvalidValue(field=name, reason=_("write at most %(most)s characters.") % {"most": most})
    return stripped
