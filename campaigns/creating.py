"""Writes a campaign down, with its members in their waves. Nothing begins before it is started."""

from datetime import datetime

from campaigns.drafts import CampaignDraft
from campaigns.models import Campaign
from operations.permissions import Person


def create_campaign(draft: CampaignDraft, *, by: str, now: datetime, person: Person | None = None) -> Campaign:
    """Write the campaign of `draft` and return it, planned. `person`: the account that asks, which must have what the
    kind takes; None for whoever has the machine's account. Raise PermissionMissing, CiviparoisseError `campaign_empty`,
    `campaign_instance_taken`, or the first obstacle of the plan; then nothing was written."""
    raise NotImplementedError
