"""The demo's campaign: both parishes are backed up by one decision, in two waves, and it is followed to its end.

The same functions as the pages and commands call. What the clock does once a minute is called here beside it, so that
nobody waits for it: it may be called as often as one likes.
"""

import time

from django.utils import timezone

from campaigns.advancing import advance_campaigns
from campaigns.creating import create_campaign
from campaigns.drafts import read_draft
from campaigns.models import Campaign
from campaigns.steering import cancel_campaign, start_campaign
from domain.campaigns import CAMPAIGN_ENDED, CAMPAIGN_MOVES, CampaignMove, CampaignState, MemberState

NAME = "Démonstration : sauvegardes"
BY = "demo"
WAITED_SECONDS = 240.0
ENDED = frozenset(state.value for state in CAMPAIGN_ENDED)


def run_backups(slugs: tuple[str, ...]) -> tuple[str, str]:
    """Back `slugs` up by one campaign; return what to tell people, and what went wrong, empty if nothing did."""
    began = time.monotonic()
    campaign = follow_campaign(begin_campaign(slugs))
    done = campaign.members.filter(state=MemberState.DONE.value).count()
    name = campaign.public_id
    told = f"{name}: {done} backups in {len(campaign.waves)} waves in {time.monotonic() - began:.1f} s"
    is_well = campaign.state == CampaignState.DONE.value and done == len(slugs)
    return told, "" if is_well else f"the campaign {name} is {campaign.state}, {done} done: campaign_show {name}"


def begin_campaign(slugs: tuple[str, ...]) -> Campaign:
    """Record and start a campaign of backups over `slugs`, one in each wave; what an interrupted demo left is ended
    before."""
    for left in Campaign.objects.filter(name=NAME).exclude(state__in=ENDED):
        if CampaignState(left.state) in CAMPAIGN_MOVES[CampaignMove.CANCEL][0]:
            cancel_campaign(left, by=BY, now=timezone.now())
        follow_campaign(left)
    waves = [{"size": 1}, {"size": None}]
    draft = read_draft({"name": NAME, "kind": "backup", "selection": {"slugs": list(slugs)}, "waves": waves})
    return start_campaign(create_campaign(draft, by=BY, now=timezone.now()), by=BY, now=timezone.now())


def follow_campaign(campaign: Campaign) -> Campaign:
    """Return the campaign once it has ended, has stopped by its rule, or the deadline has passed."""
    deadline = time.monotonic() + WAITED_SECONDS
    while True:
        advance_campaigns(now=timezone.now())
        campaign.refresh_from_db()
        is_still = campaign.state == CampaignState.PAUSED.value
        if campaign.state in ENDED or is_still or time.monotonic() > deadline:
            return campaign
        time.sleep(0.2)  # between two looks, not instead of one
