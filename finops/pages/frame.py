"""What the pages of costs share: who may look, which month, the administration's frame around them."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from finops.calendar import Month, compute_month, parse_month
from finops.pages.dashboard import format_month
from operations.permissions import SEE_COSTS, require

EARLIEST = Month(2020, 1)
FILES = (("Excel", "xlsx"), ("CSV", "csv"), ("FOCUS", "focus"))


def check_permission(request: HttpRequest) -> None:
    """Raise PermissionMissing unless the person may look at costs."""
    require(request.user, SEE_COSTS)


def read_month(request: HttpRequest, *, now: datetime) -> Month:
    """Return the month that the address names, the present one for none, for what is no month and for the future."""
    present = compute_month(now)
    try:
        month = parse_month(request.GET.get("month", str(present)))
    except CiviparoisseError:
        return present
    return max(EARLIEST, min(month, present))


def make_frame(month: Month, *, now: datetime) -> dict[str, Any]:
    """Return the head of a page about a month: its name, the ones beside it, its files."""
    present = compute_month(now)
    return {
        "month_name": format_month(month),
        "previous_link": f"?month={month.add(-1)}",
        "next_link": f"?month={month.add(1)}" if month < present else "",
        "exports": [(name, reverse("finops_export", args=[str(month), form])) for name, form in FILES],
        "status": _("no figures"),
        "status_colour": "default",
    }


def show(request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
    """Return a page in the administration's frame."""
    frame = admin.site.each_context(request)
    return TemplateResponse(request, template, {**frame, "title": title, "subtitle": None, **context})
