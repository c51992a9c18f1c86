"""The first page of who is in: the site, how its data is protected, what was done, who is a contact, what is asked."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from backups.choices import BackupScope
from parish_requests.moments import list_moments
from parish_requests.selectors import get_rules, list_requests
from parish_site.calendar_days import make_months
from parish_site.costs import describe_costs
from parish_site.doorway import Visit, show_page
from parish_site.happenings import count_saved, list_happenings
from parish_site.request_words import list_visible, make_line
from parish_site.site_state import describe_site, find_site
from tenants.models import Instance

SHOWN_REQUESTS = 10


def show_home(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Return the page."""
    instance = find_site(visit.tenant)
    rules = get_rules()
    rows = list_visible(list_requests(tenants=[visit.tenant.pk], is_open=True), visit.person)[: SHOWN_REQUESTS + 1]
    lines = [make_line(row) for row in rows]
    context = {
        "site": describe_site(instance),
        "contacts": visit.tenant.contacts.order_by("name", "pk"),
        "lines": lines[:SHOWN_REQUESTS],
        "has_more": len(lines) > SHOWN_REQUESTS,
        "rules": rules,
        "costs": describe_costs(visit.tenant) if rules.shows_costs else "",
        **(_describe_protection(instance, now=visit.now) if instance is not None else {}),
    }
    return show_page(request, "home.html", visit, **context)


def _describe_protection(instance: Instance, *, now: datetime) -> dict[str, Any]:
    moments = list_moments(instance, now=now)
    whole = [moment for moment in moments if moment.holds == BackupScope.FULL]
    return {
        "instance": instance,
        "saved_at": next((moment.saved_at for moment in whole), None),
        "protected_at": next((moment.saved_at for moment in whole if moment.protected), None),
        "proven_at": max((moment.proven_at for moment in whole if moment.proven_at), default=None),
        "months": make_months(moments),
        "moments_count": len(moments),
        "saved_sentence": count_saved(instance, now=now),
        "happenings": list_happenings(instance),
    }
