"""The pages of costs in the administration: one month of all parishes, one parish, a month as a file."""

from collections import defaultdict
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
from finops.calendar import Month, compute_day, compute_month, compute_second, parse_month
from finops.exports.month_files import FILES, make_file
from finops.models import Budget, PriceSheet
from finops.months.budgets import compute_budget_states
from finops.months.costs import MonthCosts
from finops.months.forecast import compute_forecast
from finops.months.reports import MonthReader, MonthReport, make_month_report, make_trend
from finops.pages.capacity_view import describe_room, make_gauges, observe_places, select_used
from finops.pages.dashboard import (
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
from finops.scenarios.wanted_fleet import get_prices, list_provisioned
from finops.usage.efficiency import Efficiency, add_efficiencies, compute_efficiency
from finops.usage.measured import list_means
from finops.wording.formats import format_money, format_percent, format_signed_money
from tenants.models import Tenant
from tenants.specs import make_plan

SHOWN = 5


def show_dashboard(request: HttpRequest) -> HttpResponse:
    """Show one month of all parishes, this one unless another is named."""
    check_permission(request)
    now = timezone.now()
    if not PriceSheet.objects.exists():
        return show(request, "finops/dashboard.html", _("Costs"), has_prices=False)
    month, reader = read_month(request, now=now), MonthReader(now=now)
    context: dict[str, Any] = {"has_prices": True, **make_frame(month, now=now)}
    findings, advice = list_findings(now=now), list_recommendations(now=now)
    found = sum((one.cost for one in findings if one.cost and may_be_saved(one.orphan)), Decimal(0))
    savings = [one for one in advice if one.is_change and one.saving and one.saving > 0]
    try:
        report = make_month_report(month, reader)
        forecast = _find_forecast(month, now=now)
        context |= _describe_month(report, forecast, now=now)
        saving = sum((one.saving or Decimal(0) for one in savings), Decimal(0)) if is_measured(advice) else None
        context["tiles"] = make_tiles(report, forecast=forecast, saving=saving, findings=found)
    except CiviparoisseError as error:
        context["error"] = error
    currency = next((price.currency for price in get_prices(now=now).values()), "EUR")
    places = select_used(observe_places(now=now))
    context |= {
        **make_chart(make_trend(month, reader), currency=currency),
        "gauges": make_gauges(places),
        "capacity_sentences": describe_room(places),
        "savings": make_recommendation_rows(savings[:SHOWN]),
        "orphans": make_finding_rows([one for one in findings if one.cost][:SHOWN]),
        "nothing_found": say_nothing_found(is_measured(advice)),
        "scenarios": list_scenarios({}, now=now)["scenarios"][:SHOWN],
    }
    return show(request, "finops/dashboard.html", _("Costs"), **context)


def _describe_month(report: MonthReport, forecast: MonthCosts | None, *, now: datetime) -> dict[str, Any]:
    costs = report.costs
    names = dict(Tenant.objects.values_list("slug", "name"))
    states = compute_budget_states(Budget.objects.all(), actual=costs, forecast=forecast or costs)
    efficiencies = _compute_efficiencies(now=now)
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


def _compute_efficiencies(*, now: datetime) -> dict[str, Efficiency]:
    """Return the efficiency of each parish this month, by slug; one that was not measured is absent."""
    today = compute_day(compute_second(now))
    means, prices = list_means(first=today.replace(day=1), last=today), get_prices(now=now)
    found: defaultdict[str, list[Efficiency]] = defaultdict(list)
    for row in list_provisioned():
        own = prices.get(row.engine) or prices.get("")
        if row.identifier in means and own is not None:
            found[row.tenant.slug].append(compute_efficiency(make_plan(row.plan), means[row.identifier], own))
    return {tenant: add_efficiencies(parts) for tenant, parts in found.items()}


def show_parish(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what one parish costs and for what."""
    check_permission(request)
    tenant = Tenant.objects.defer("smtp_password", "imap_password").filter(slug=slug).first()
    now = timezone.now()
    month = read_month(request, now=now)
    context = describe_parish(slug, month, now=now)
    if tenant is None and not context["has_costs"]:
        raise Http404
    title = _("Costs of %(name)s") % {"name": tenant.name if tenant else slug}
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
