"""The campaigns that are at work or stand still, for the first page: those that stand still at the top. Bounded."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db.models import Case, IntegerField, Value, When

from campaigns.models import Campaign
from console.campaigns.columns import UNREAD, count_members, make_campaign_badge, make_share, read_counts, word_kind
from domain.campaigns import CAMPAIGN_FOLLOWED, CampaignState
from operations.permissions import may

SHOWN = 5
LOOK = "campaigns.view_campaign"


def list_open_campaigns(person: AbstractUser) -> dict[str, Any]:
    """Return what the first page shows of campaigns; nothing for those who may not see them."""
    if not may(person, LOOK):
        return {"sees_campaigns": False}
    rank = Case(When(state=CampaignState.PAUSED.value, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = Campaign.objects.filter(state__in=sorted(state.value for state in CAMPAIGN_FOLLOWED)).defer(*UNREAD)
    shown = list(count_members(rows).annotate(rank=rank).order_by("rank", "-pk")[: SHOWN + 1])
    return {
        "sees_campaigns": True,
        "campaigns": [_describe(row) for row in shown[:SHOWN]],
        "other_campaigns": rows.count() - SHOWN if len(shown) > SHOWN else 0,
    }


def _describe(row: Campaign) -> dict[str, Any]:
    is_paused = row.state == CampaignState.PAUSED.value
    return {
        "campaign": row,
        "kind": word_kind(row.kind),
        "badge": make_campaign_badge(row),
        "share": make_share(read_counts(row)),
        "why": row.get_why_paused_display() if is_paused else "",
    }
