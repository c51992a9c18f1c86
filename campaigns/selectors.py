"""Reads campaigns for the doors: admin, REST, commands."""

from django.db.models import QuerySet

from campaigns.models import Campaign, CampaignMember
from domain.errors import NotFound

SECRETS = ("instance__secrets", "instance__tenant__smtp_password", "instance__tenant__imap_password")


def get_campaign(public_id: str) -> Campaign:
    """Return the campaign of that identifier. Raise NotFound."""
    campaign = Campaign.objects.filter(public_id=public_id).first()
    if campaign is None:
        raise NotFound(what="campaign", name=public_id)
    return campaign


def list_campaigns(*, state: str | None = None, kind: str | None = None) -> QuerySet[Campaign]:
    """Return campaigns, newest first, narrowed by what is given."""
    asked = {"state": state, "kind": kind}
    return Campaign.objects.order_by("-pk").filter(**{name: value for name, value in asked.items() if value})


def list_members(campaign: Campaign, *, state: str | None = None) -> QuerySet[CampaignMember]:
    """Return the members of `campaign` in their order, those that are left out last, with all that a cell shows."""
    rows = campaign.members.select_related("instance__tenant", "operation").defer(*SECRETS).order_by("position")
    return rows.filter(state=state) if state else rows
