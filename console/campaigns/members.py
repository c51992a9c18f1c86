"""The instances of a campaign as a list in pages, of all states or of one."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.choices import MemberState as MemberWords
from campaigns.models import Campaign, CampaignMember
from campaigns.reporting import make_cell
from campaigns.selectors import SECRETS, list_members
from civiparoisse.admin_base import ModelAdmin, make_page
from civiparoisse.presentation import NOTHING, format_duration
from console.campaigns.columns import make_member_badge
from domain.campaigns import MemberState
from operations.permissions import SEE_OPERATIONS, may

SHOWN_ROWS = 100


def show_members(model_admin: ModelAdmin, http: HttpRequest, campaign: Campaign) -> HttpResponse:
    """Return the page; ?state= narrows it, ?page= goes on."""
    counts = dict(campaign.members.order_by("state").values_list("state").annotate(Count("pk")))
    chosen = http.GET.get("state", "")
    rows = list_members(campaign, state=chosen if chosen in counts else None)
    rows = rows.defer(*SECRETS, "operation__data", "operation__result", "operation__parameters")
    page = Paginator(rows, SHOWN_ROWS).get_page(http.GET.get("page"))
    sees_operations = may(http.user, SEE_OPERATIONS)
    return make_page(
        model_admin,
        http,
        "campaigns/members.html",
        row=campaign,
        title=campaign.name,
        campaign=campaign,
        counts=_list_counts(campaign, counts, chosen=chosen if chosen in counts else ""),
        rows=[_describe(row, sees_operations=sees_operations) for row in page.object_list],
        page=page,
        query=f"{urlencode({'state': chosen})}&" if chosen in counts else "",
    )


def _list_counts(campaign: Campaign, counts: dict[str, int], *, chosen: str) -> list[dict[str, Any]]:
    address = reverse("admin:campaigns_campaign_members", args=[campaign.pk])
    total = sum(counts.values())
    listed = [{"text": _("All of them"), "count": total, "link": address, "is_chosen": not chosen}]
    for state in MemberState:
        if count := counts.get(state.value):
            link = f"{address}?{urlencode({'state': state.value})}"
            text = MemberWords(state.value).label
            listed.append({"text": text, "count": count, "link": link, "is_chosen": chosen == state.value})
    return listed


def _describe(row: CampaignMember, *, sees_operations: bool) -> dict[str, Any]:
    cell = make_cell(row)
    operation = row.operation if sees_operations else None
    has_instance = row.instance_id is not None
    return {
        "name": row.subject,
        "link": reverse("admin:tenants_instance_change", args=[row.instance_id]) if has_instance else "",
        "wave": row.wave + 1 if row.state != MemberState.LEFT_OUT.value else NOTHING,
        "badge": make_member_badge(row.state),
        "operation": reverse("admin:operations_operation_change", args=[operation.pk]) if operation else "",
        "operation_id": operation.public_id if operation else "",
        "duration": format_duration(cell.seconds),
        "message": cell.message,
    }
