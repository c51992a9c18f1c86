"""The live example beside a price form: what one parish of the default plan costs at the prices being typed."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from finops.calendar import compute_month
from finops.ledger.reservation import compute_footprint
from finops.models import PriceLine, PriceSheet
from finops.pages.dashboard import format_month
from finops.prices.examples import Example, compute_example
from finops.prices.rates import Prices, make_prices
from finops.wording.formats import format_money
from finops.wording.words import KINDS
from tenants.registry import get_default_plan
from tenants.specs import make_plan

# Shared costs depend on how many share them.
PARISHES = 10


def render_example(prices: Prices | None, *, now: datetime, fault: str = "") -> SafeString:
    """Return the example as HTML, or why there is none. `prices`: None while nothing can be read of the form."""
    context: dict[str, Any] = {"fault": fault, "count": PARISHES}
    if prices is not None:
        try:
            context |= _describe(prices, now=now)
        except CiviparoisseError as error:
            context["fault"] = str(error)
    return mark_safe(render_to_string("finops/price_example.html", context))


def _describe(prices: Prices, *, now: datetime) -> dict[str, Any]:
    plan, month = get_default_plan(), compute_month(now)
    footprint = compute_footprint(make_plan(plan))
    active = compute_example(prices, footprint, month=month, parishes=PARISHES)
    suspended = compute_example(prices, footprint, month=month, parishes=PARISHES, suspended=True)
    return {
        "plan": plan.name,
        "month": format_month(month),
        "total": _write(active),
        "suspended": _write(suspended),
        "parts": [(str(KINDS[kind]), format_money(amount, active.currency)) for kind, amount in active.by_kind.items()],
    }


def _write(example: Example) -> str:
    return format_money(example.total, example.currency)


def show_price_example(request: HttpRequest) -> HttpResponse:
    """Answer the example for the form as it stands; nothing is kept. The caller checks who may come in."""
    model_admin = admin.site.get_model_admin(PriceSheet)
    if not (model_admin.has_add_permission(request) or model_admin.has_change_permission(request)):
        return HttpResponse(status=403)
    form = model_admin.get_form(request)(request.POST)
    # The lines are asked for by themselves: a sheet that is not saved has none.
    formset_class = next(iter(model_admin.get_formsets_with_inlines(request)))[0]
    formset = formset_class(data=request.POST, instance=PriceSheet(), prefix="lines")
    if not form.is_valid() and set(form.errors) - {"valid_from", "valid_to", "name", "__all__"}:
        return HttpResponse(render_example(None, now=timezone.now(), fault=_("Something above is not right yet.")))
    if not formset.is_valid():
        return HttpResponse(render_example(None, now=timezone.now(), fault=_("A price is not right yet.")))
    sheet: PriceSheet = form.instance
    sheet.pk = 0
    lines = [PriceLine(**_clean(form.cleaned_data)) for form in formset.forms if _is_kept(form.cleaned_data)]
    sheet._prefetched_objects_cache = {"lines": lines}  # type: ignore[attr-defined]
    return HttpResponse(render_example(make_prices(sheet), now=timezone.now()))


def _is_kept(values: dict[str, Any]) -> bool:
    return bool(values) and not values.get("DELETE")


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in ("DELETE", "id", "sheet")}
