"""What people do with a campaign that there is: start, pause, resume, cancel, retry what failed, write notes."""

from datetime import datetime

from campaigns.models import Campaign
from operations.permissions import Person


def start_campaign(campaign: Campaign, *, by: str, now: datetime, person: Person | None = None) -> Campaign:
    """Let a planned campaign begin; its first operations are asked for when its window is open. Return it as it is
    then. Raise CiviparoisseError `campaign_state_forbids`, here as below, or PermissionMissing."""
    raise NotImplementedError


def pause_campaign(campaign: Campaign, *, by: str, now: datetime, reason: str = "") -> Campaign:
    """Let nothing more begin until it is resumed; what runs goes on to its end. `reason`: as people wrote it."""
    raise NotImplementedError


def resume_campaign(campaign: Campaign, *, by: str, now: datetime, person: Person | None = None) -> Campaign:
    """Go on with a paused campaign: what has failed until now counts for its stop rule no more."""
    raise NotImplementedError


def cancel_campaign(campaign: Campaign, *, by: str, now: datetime) -> Campaign:
    """Let nothing more begin, ever; what runs goes on to its end."""
    raise NotImplementedError


def retry_failed(campaign: Campaign, *, by: str, now: datetime, person: Person | None = None) -> Campaign:
    """Let the failed members have another turn. Raise `campaign_nothing_to_retry`, or `campaign_instance_taken` where
    one takes part in another campaign meanwhile."""
    raise NotImplementedError


def write_notes(campaign: Campaign, notes: str, *, by: str, now: datetime) -> Campaign:
    """Replace the notes of a campaign, in any state. Raise InvalidValue for too long ones."""
    raise NotImplementedError
