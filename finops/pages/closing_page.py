"""The page that closes a month: what it costs, that it is for good, and the month to type."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from finops.calendar import Month, parse_month
from finops.months.closing import close_month
from finops.months.costs import compute_month_costs
from finops.pages.dashboard import format_month
from finops.pages.frame import show
from finops.wording.formats import format_money
from operations.permissions import CLOSE_MONTH, require


def ask_closing(request: HttpRequest, month: str) -> HttpResponse:
    """Show what would become final; on POST with the month typed again, close it. Raise PermissionDenied, Http404."""
    require(request.user, *CLOSE_MONTH)
    try:
        asked = parse_month(month)
    except CiviparoisseError as error:
        raise Http404 from error
    refusal = None
    try:
        if request.method == "POST":
            return _close(request, asked)
    except CiviparoisseError as error:
        refusal = error
    return _show(request, asked, refusal)


def _close(request: HttpRequest, month: Month) -> HttpResponse:
    if request.POST.get("confirm", "").strip() != str(month):
        raise CiviparoisseError("closing_unconfirmed", month=str(month))
    close_month(month, by=request.user.get_username(), now=timezone.now())
    messages.success(request, _("%(month)s is closed.") % {"month": format_month(month)})
    return redirect(f"{reverse('finops_dashboard')}?month={month}")


def _show(request: HttpRequest, month: Month, refusal: CiviparoisseError | None) -> HttpResponse:
    bill = ""
    try:
        costs = compute_month_costs(month, now=timezone.now())
        bill = format_money(costs.bill, costs.currency or "EUR")
    except CiviparoisseError as error:
        refusal = refusal or error
    title = _("Close %(month)s") % {"month": format_month(month)}
    return show(request, "finops/close.html", title, month=str(month), bill=bill, refusal=refusal)
