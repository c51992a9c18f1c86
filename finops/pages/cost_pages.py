"""The pages of costs in the administration: one month of all parishes, one parish, a month as a file."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from finops.advice.findings import list_findings, may_be_saved
from finops.advice.recommendations import list_recommendations
from finops.calendar import Month, compute_month, parse_month
from finops.exports.month_files import FILES, make_file
from finops.models import Budget, PriceSheet
from finops.months.budgets import compute_budget_states
from finops.months.costs import MonthCosts
from finops.months.forecast import compute_forecast
from finops.months.reports import MonthReader, MonthReport, make_month_report, make_trend
from finops.pages.capacity_view import describe_room, make_gauges, observe_places, select_used
from finops.pages.dashboard import (
    Savings,
    describe_rule,
    list_alerts,
    make_budget_rows,
    make_chart,
    make_parish_rows,
    make_status,
    make_tiles,
    make_unassigned,
)
from finops.pages.frame import check_permission, make_frame, read_month, show
from finops.pages.parish_view import describe_parish
from finops.pages.savings_view import is_measured, make_finding_rows, make_recommendation_rows, say_nothing_found
from finops.pages.scenarios_view import list_scenarios
from finops.scenarios.month_use import compute_efficiencies
from finops.scenarios.wanted_fleet import get_prices
from finops.usage.efficiency import add_efficiencies
from finops.wording.formats import format_money, format_percent, format_signed_money
from tenants.models import Tenant

SHOWN = 5


def show_dashboard(request: HttpRequest) -> HttpResponse:
    """Show one month of all parishes, this one unless another is named."""
    check_permission(request)
    now = timezone.now()
    if not PriceSheet.objects.exists():
        return show(request, "finops/dashboard.html", _("Costs"), has_prices=False)
    month, reader = read_month(request, now=now), MonthReader(now=now)
    is_past = month < compute_month(now)
    context: dict[str, Any] = {"has_prices": True, "is_past": is_past, **make_frame(month, now=now)}
    present: _Present | None = None if is_past else _Present(now=now)
    currency = next((price.currency for price in get_prices(now=now).values()), "EUR")
    try:
        report = make_month_report(month, reader)
        forecast = _find_forecast(month, now=now)
        currency = report.costs.currency or currency
        context |= _describe_month(report, forecast, now=now)
        context["tiles"] = make_tiles(report, forecast=forecast, savings=None if present is None else present.sum_up())
    except CiviparoisseError as error:
        context["error"] = error
    context |= make_chart(make_trend(month, reader), currency=currency)
    if present is not None:
        context |= present.describe(now=now)
    return show(request, "finops/dashboard.html", _("Costs"), **context)


class _Present:
    """What the page says of the present, whatever it costs: a past month shows none of it."""

    def __init__(self, *, now: datetime) -> None:
        self.findings, self.advice = list_findings(now=now), list_recommendations(now=now)
        self.savings = [entry for entry in self.advice if entry.is_change and entry.saving and entry.saving > 0]

    def sum_up(self) -> Savings:
        """Return what could be saved by other sizes, None when nothing was measured, and by ending waste."""
        waste = [entry.cost for entry in self.findings if entry.cost and may_be_saved(entry.waste)]
        sizes = sum((entry.saving or Decimal(0) for entry in self.savings), Decimal(0))
        return Savings(sizes=sizes if is_measured(self.advice) else None, waste=sum(waste, Decimal(0)))

    def describe(self, *, now: datetime) -> dict[str, Any]:
        """Return capacity, savings and scenarios, worded."""
        places = select_used(observe_places(now=now))
        scenarios = list_scenarios({}, now=now)
        return {
            "gauges": make_gauges(places),
            "capacity_sentences": describe_room(places),
            "savings": make_recommendation_rows(self.savings[:SHOWN]),
            "wastes": make_finding_rows([entry for entry in self.findings if entry.cost][:SHOWN]),
            "nothing_found": say_nothing_found(is_measured(self.advice)),
            "base": scenarios.get("base", ""),
            "scenarios": scenarios["scenarios"][:SHOWN],
        }


def _describe_month(report: MonthReport, forecast: MonthCosts | None, *, now: datetime) -> dict[str, Any]:
    costs = report.costs
    names = costs.list_names()
    # Budgets are of the present; what they were in another month is not known.
    budgets = Budget.objects.all() if costs.month == compute_month(now) else Budget.objects.none()
    states = compute_budget_states(budgets, actual=costs, forecast=forecast or costs)
    efficiencies = compute_efficiencies(costs.month, now=now)
    status, colour = make_status(costs, now=now)
    end = costs.bill if forecast is None else forecast.bill
    difference = None if report.previous is None else end - report.previous
    return {
        "status": status,
        "status_colour": colour,
        "parishes": make_parish_rows(
            report,
            forecast=forecast,
            efficiencies=efficiencies,
            budgets={state.budget.tenant: state for state in states if state.budget.tenant},
        ),
        "unassigned": make_unassigned(report),
        "bill": format_money(costs.bill, costs.currency),
        "has_forecast": forecast is not None,
        "can_close": costs.closed_at is None and costs.until >= costs.month.end,
        "month": str(costs.month),
        "end": format_money(end, costs.currency),
        "difference": format_signed_money(difference, costs.currency),
        "efficiency": format_percent(add_efficiencies(efficiencies.values()).share),
        "rule": describe_rule(costs),
        "budgets": make_budget_rows(states, names=names, currency=costs.currency),
        "alerts": list_alerts(states, names=names),
    }


def _find_forecast(month: Month, *, now: datetime) -> MonthCosts | None:
    return compute_forecast(month, now=now) if month == compute_month(now) else None


def show_parish(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what one parish costs and for what."""
    check_permission(request)
    tenant = Tenant.objects.defer("smtp_password", "imap_password").filter(slug=slug).first()
    now = timezone.now()
    month = read_month(request, now=now)
    context = describe_parish(slug, month, now=now)
    if tenant is None and not context["has_costs"]:
        raise Http404
    title = _("Costs of %(name)s") % {"name": context["name"] or (tenant.name if tenant else slug)}
    return show(request, "finops/parish.html", title, tenant=tenant, **{**make_frame(month, now=now), **context})


def export_month(request: HttpRequest, month: str, form: str) -> HttpResponse:
    """Give a month as a file. Raise Http404 for a month or a format that is none."""
    check_permission(request)
    if form not in FILES:
        raise Http404
    try:
        content, media_type, name = make_file(parse_month(month), form, now=timezone.now())
    except CiviparoisseError as error:
        messages.error(request, str(error))
        return redirect("finops_dashboard")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=media_type, headers=headers)
