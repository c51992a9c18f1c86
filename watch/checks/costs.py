"""Alerts about money: budgets that are reached, prices that are missing, what is paid for and not used."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from domain.errors import CiviparoisseError
from domain.findings import Level
from finops.calendar import compute_month
from finops.models import Budget, BudgetAlert, Interval
from finops.months.budgets import BudgetState, compute_budget_states
from finops.months.costs import compute_month_costs
from finops.months.forecast import compute_forecast
from finops.wording.formats import format_money, format_percent
from tenants.models import Tenant
from watch.checks.shapes import Alert, Example
from watch.models import Sighting
from watch.sightings import WASTE

CHECKS = {
    "costs_unknown": gettext_lazy("Costs cannot be told"),
    "budget_exceeded": gettext_lazy("A budget is used up"),
    "budget_foreseen": gettext_lazy("A budget will be exceeded"),
    "budget_near": gettext_lazy("A budget is nearly used up"),
    "waste": gettext_lazy("Paid for and not used"),
}
FULL, NEAR = 100, 80
NAMED = 3


def list_cost_alerts(*, now: datetime) -> Iterator[Alert]:
    """Give what is wrong with costs."""
    yield from _list_budget_alerts(now=now)
    yield from _list_waste()


def _list_budget_alerts(*, now: datetime) -> Iterator[Alert]:
    budgets = list(Budget.objects.all())
    month = compute_month(now)
    if not budgets and not Interval.objects.exists():
        return
    try:
        actual = compute_month_costs(month, now=now)
        states = compute_budget_states(budgets, actual=actual, forecast=compute_forecast(month, now=now))
    except CiviparoisseError as error:
        link = reverse("admin:finops_pricesheet_changelist")
        title = _("The costs of this month cannot be told")
        examples = (Example(name=error.message, link=link, hint=error.hint),)
        yield Alert(code="costs_unknown", level=Level.WARNING, title=title, count=1, link=link, examples=examples)
        yield from _list_raised(str(month))
        return
    beyond = [state for state in states if state.percent >= FULL]
    if beyond:
        title = ngettext("%(count)s budget is used up", "%(count)s budgets are used up", len(beyond))
        yield _make_alert("budget_exceeded", Level.CRITICAL, title, beyond)
    foreseen = [state for state in states if state.percent < FULL <= state.forecast_percent]
    if foreseen:
        title = ngettext(
            "%(count)s budget will be exceeded by the end of the month",
            "%(count)s budgets will be exceeded by the end of the month",
            len(foreseen),
        )
        yield _make_alert("budget_foreseen", Level.WARNING, title, foreseen)
    near = [state for state in states if NEAR <= state.percent < FULL and state.forecast_percent < FULL]
    if near:
        title = ngettext("%(count)s budget is nearly used up", "%(count)s budgets are nearly used up", len(near))
        yield _make_alert("budget_near", Level.WARNING, title, near)


def _make_alert(code: str, level: Level, title: str, states: list[BudgetState]) -> Alert:
    worst = sorted(states, key=lambda state: -state.percent)
    names = dict(
        Tenant.objects.filter(slug__in=[state.budget.tenant for state in worst[:NAMED]]).values_list("slug", "name")
    )
    link = reverse("finops_dashboard")
    return Alert(
        code=code,
        subjects=tuple(state.budget.tenant for state in worst),
        level=level,
        title=title % {"count": len(states)},
        count=len(states),
        link=link,
        examples=tuple(
            Example(
                name=names.get(state.budget.tenant, str(state.budget)),
                link=reverse("finops_parish", args=[state.budget.tenant]) if state.budget.tenant in names else link,
                text=_("%(percent)s of %(amount)s so far; %(forecast)s at the end of the month")
                % {
                    "percent": format_percent(state.percent),
                    "amount": format_money(state.budget.amount),
                    "forecast": format_percent(state.forecast_percent),
                },
            )
            for state in worst[:NAMED]
        ),
    )


def _list_raised(month: str) -> Iterator[Alert]:
    """Give what was raised while costs could still be told."""
    count = BudgetAlert.objects.filter(month=month, threshold__gte=FULL).count()
    if count:
        title = ngettext("%(count)s budget is used up", "%(count)s budgets are used up", count)
        link = reverse("admin:finops_budgetalert_changelist")
        yield Alert(
            code="budget_exceeded", level=Level.CRITICAL, title=title % {"count": count}, count=count, link=link
        )


def _list_waste() -> Iterator[Alert]:
    row = Sighting.objects.filter(engine=WASTE).first()
    if row is None or not row.document.get("count"):
        return
    count, cost = row.document["count"], Decimal(row.document["cost"])
    title = ngettext("%(count)s thing is paid for and not used", "%(count)s things are paid for and not used", count)
    examples: tuple[Example, ...] = ()
    link = reverse("finops_savings")
    if cost:
        text = _("%(cost)s per month") % {"cost": format_money(cost, row.document["currency"] or "EUR")}
        examples = (Example(name=text, link=link),)
    yield Alert(
        code="waste", level=Level.WARNING, title=title % {"count": count}, count=count, link=link, examples=examples
    )
