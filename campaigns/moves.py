"""The one way in which a campaign changes its state: under its lock, by one conditional update, with its event."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Campaign, CampaignEvent
from domain.campaigns import CAMPAIGN_ENDED, CAMPAIGN_MOVES, CampaignMove
from domain.errors import CiviparoisseError, NotFound

# What goes on with campaigns: the clock asks for it each minute, and whoever changes one rings for it
# (operations.doorbell).
ADVANCE_TASK = "campaigns.advance"


@contextmanager
def hold_campaign(public_id: str) -> Iterator[Campaign]:
    """A transaction in which nobody else changes the campaign or its members: whoever writes on either comes through
    here. Gives the row as it is then. Raise NotFound."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().filter(public_id=public_id).first()
        if campaign is None:
            raise NotFound(what="campaign", name=public_id)
        yield campaign


def move_campaign(
    campaign: Campaign,
    move: CampaignMove,
    *,
    by: str,
    now: datetime,
    changes: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> Campaign:
    """Move `campaign`, held by hold_campaign, and return it. `by`: an account, "" for the manager. `changes`: columns
    that change with it; `data`: of its event. Raise CiviparoisseError `campaign_state_forbids`; then nothing was
    written."""
    before, after = CAMPAIGN_MOVES[move]
    values = {"state": after.value, "ended_at": now if after in CAMPAIGN_ENDED else None, **(changes or {})}
    rows = Campaign.objects.filter(pk=campaign.pk, state__in=[state.value for state in before])
    if rows.update(**values) != 1:
        campaign.refresh_from_db()
        raise make_state_error(campaign)
    campaign.refresh_from_db()
    record_event(campaign, move.value, by=by, now=now, data=data)
    return campaign


def record_event(
    campaign: Campaign, what: str, *, by: str, now: datetime, data: Mapping[str, Any] | None = None
) -> CampaignEvent:
    """Add a line to what happened to `campaign`, in the caller's transaction."""
    return CampaignEvent.objects.create(campaign=campaign, at=now, who=by[:150], what=what, data=dict(data or {}))


def make_state_error(campaign: Campaign) -> CiviparoisseError:
    """Return the refusal of what the state of the campaign does not allow."""
    return CiviparoisseError("campaign_state_forbids", campaign=campaign.public_id, campaign_state=campaign.state)
