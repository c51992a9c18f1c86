"""What the page of costs shows, worded for people. Figures come from reports, forecast, budgets and findings alike."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civiparoisse.presentation import BUSY, GOOD, NOTHING, QUIET, format_time
from finops.calendar import Month
from finops.months.budgets import BudgetState
from finops.months.costs import MonthCosts
from finops.months.groups import Group
from finops.months.reports import MonthReport, ParishCosts, TrendMonth
from finops.pages.charts import Series, StackedChart, make_stacked_chart
from finops.pages.marks import list_mark_words, list_marks
from finops.usage.efficiency import Efficiency
from finops.wording.formats import format_money, format_percent, format_signed_money
from finops.wording.months import write_short_month
from finops.wording.words import GROUPS

ORDER = tuple(Group)
HUNDRED = Decimal(100)


def format_month(month: Month, *, short: bool = False) -> str:
    """Return «mars 2026», or «janv. 26» for an axis."""
    return write_short_month(month.year, month.month) if short else date_format(month.first_day, "F Y")


def make_chart(trend: Sequence[TrendMonth], *, currency: str, tenant: str | None = None) -> dict[str, Any]:
    """Return the chart of twelve months, its title and the words of its marks."""
    series = [
        Series(name=str(GROUPS[group]), values=[(month.groups or {}).get(group, Decimal(0)) for month in trend])
        for group in ORDER
    ]
    marks = list_marks(trend[0].month, trend[-1].month, tenant=tenant)
    chart: StackedChart = make_stacked_chart(
        [format_month(month.month, short=True) for month in trend],
        series,
        write=lambda amount: format_money(amount, currency),
        marks={index: marks.get(month.month, ()) for index, month in enumerate(trend)},
    )
    return {"chart": chart, "chart_title": _("Cost of twelve months"), "mark_legend": list_mark_words()}


def make_status(costs: MonthCosts, *, now: datetime) -> tuple[str, str]:
    """Return what the month's figures are, and the colour of it."""
    if costs.closed_at is not None:
        return _("closed, final"), GOOD
    if costs.until >= costs.month.end:
        return _("over, not closed yet"), QUIET
    return _("up to %(time)s") % {"time": format_time(localtime(now))}, BUSY


class Savings(NamedTuple):
    """What could be saved in a month: by other sizes, None when nothing was measured, and by ending what is unused."""

    sizes: Decimal | None
    waste: Decimal


def make_tiles(report: MonthReport, *, forecast: MonthCosts | None, savings: Savings | None) -> list[dict[str, str]]:
    """Return the figures at the head of the page: name, value, note, and its tone. `savings`: None for a past month,
    of which nobody can save any more."""
    costs, currency = report.costs, report.costs.currency
    is_running = costs.until < costs.month.end
    paying = sum(1 for parish in report.parishes if parish.total)
    average = costs.bill / paying if paying else None
    tiles = [
        {
            "name": _("Cost so far") if is_running else _("Cost of the month"),
            "value": format_money(costs.bill, currency),
            "note": _note_vat(costs) if is_running else _note_difference(costs.bill, report.previous, currency),
        }
    ]
    if forecast is not None and is_running:
        tiles.append(
            {
                "name": _("At the end of the month"),
                "value": format_money(forecast.bill, currency),
                "note": _note_difference(forecast.bill, report.previous, currency),
                "tone": _find_tone(forecast.bill, report.previous),
            }
        )
    tiles.append(
        {
            "name": _("Per parish, on average"),
            "value": format_money(average, currency),
            "note": ngettext("%(count)s parish", "%(count)s parishes", paying) % {"count": paying},
        }
    )
    if savings is not None:
        sizes = savings.sizes
        tiles.append(
            {
                "name": _("Savings found, per month"),
                "value": NOTHING if sizes is None else format_money(sizes + savings.waste, currency),
                "note": _("no measure yet") if sizes is None else _("sizes, and what is no longer used"),
                "tone": "less" if sizes else "",
            }
        )
    return tiles


def _note_vat(costs: MonthCosts) -> str:
    return _("VAT included") if costs.vat_included else _("without VAT")


def _note_difference(amount: Decimal, before: Decimal | None, currency: str) -> str:
    if before is None:
        return _("the month before has no figures")
    return _("%(difference)s against the month before") % {"difference": format_signed_money(amount - before, currency)}


def _find_tone(amount: Decimal, before: Decimal | None) -> str:
    """Return "more" or "less"; nothing for what hardly differs."""
    if before is None or abs(amount - before) * 50 < before:
        return ""
    return "more" if amount > before else "less"


def make_parish_rows(
    report: MonthReport,
    *,
    forecast: MonthCosts | None,
    efficiencies: Mapping[str, Efficiency],
    budgets: Mapping[str, BudgetState],
) -> list[dict[str, Any]]:
    """Return the parishes of the month, the dearest first, each with a bar as long as its cost. A month that is not
    over is held against the one before with its forecast: a part says nothing against a whole."""
    currency = report.costs.currency
    ends = {parish.tenant: parish.total for parish in report.parishes} if forecast is None else forecast.parishes
    dearest = max((parish.total for parish in report.parishes), default=Decimal(0))
    return [
        {
            "name": parish.name,
            "link": reverse("finops_parish", args=[parish.tenant]),
            "total": format_money(parish.total, currency),
            "end": format_money(ends.get(parish.tenant, parish.total), currency),
            "difference": NOTHING
            if parish.previous is None
            else format_signed_money(ends.get(parish.tenant, parish.total) - parish.previous, currency),
            "tone": _find_tone(ends.get(parish.tenant, parish.total), parish.previous),
            "width": _write_share(parish.total, dearest),
            "parts": make_parts(parish),
            "title": ", ".join(
                f"{GROUPS[group]} {format_money(amount, currency)}" for group, amount in _sort(parish.groups)
            ),
            "efficiency": format_percent(efficiencies[parish.tenant].share if parish.tenant in efficiencies else None),
            "budget": make_budget_bar(budgets[parish.tenant], currency) if parish.tenant in budgets else None,
        }
        for parish in report.parishes
    ]


def make_parts(parish: ParishCosts) -> list[tuple[int, str]]:
    """Return (colour, width in per cent) of the parts of a parish's cost."""
    return [
        (ORDER.index(group), _write_share(amount, parish.total)) for group, amount in _sort(parish.groups) if amount
    ]


def _sort(groups: Mapping[Group, Decimal]) -> list[tuple[Group, Decimal]]:
    return sorted(groups.items(), key=lambda entry: ORDER.index(entry[0]))


def _write_share(part: Decimal, whole: Decimal) -> str:
    """Return a width for a style sheet: a dot, whatever the language."""
    return f"{part * 100 / whole:.1f}" if whole else "0"


def make_unassigned(report: MonthReport) -> list[tuple[str, str]]:
    """Return what no parish pays, with its name; nothing where every cent is some parish's."""
    costs = report.costs
    named = ((_("Reserved by no parish"), costs.idle), (_("Shared, with nobody to share it"), costs.overhead))
    return [(name, format_money(amount, costs.currency)) for name, amount in named if amount]


def make_budget_bar(state: BudgetState, currency: str) -> dict[str, str]:
    """Return how a budget stands: its bar, in the colour of what was reached."""
    tone = "over" if state.percent >= HUNDRED else "near" if state.forecast_percent >= 80 else "within"
    title = _("%(actual)s of %(budget)s; %(forecast)s foreseen") % {
        "actual": format_money(state.actual, currency),
        "budget": format_money(state.budget.amount, currency),
        "forecast": format_money(state.forecast, currency),
    }
    width = f"{min(state.percent, HUNDRED):.1f}"
    return {"tone": tone, "width": width, "text": format_percent(state.percent / 100), "title": title}


def make_budget_rows(states: Sequence[BudgetState], *, names: Mapping[str, str], currency: str) -> list[dict[str, Any]]:
    """Return every budget: that of all parishes first."""
    return [
        {
            "name": names.get(state.budget.tenant, str(state.budget)),
            "amount": format_money(state.budget.amount, currency),
            "spent": format_money(state.actual, currency),
            "bar": make_budget_bar(state, currency),
        }
        for state in sorted(states, key=lambda state: (bool(state.budget.tenant), state.budget.tenant))
    ]


def list_alerts(states: Sequence[BudgetState], *, names: Mapping[str, str]) -> list[str]:
    """Return a sentence for each budget that has passed, or will pass, a threshold of 80 % or more: its highest."""
    alerts = []
    for state in states:
        high = [(threshold, basis) for threshold, basis in state.reached if threshold >= 80]
        if high:
            threshold, basis = high[-1]
            text = (
                _("The budget of %(name)s has reached %(percent)s %%.")
                if basis == "actual"
                else _("The budget of %(name)s will reach %(percent)s %% by the end of the month.")
            )
            name = names.get(state.budget.tenant, str(state.budget))
            alerts.append(text % {"name": name, "percent": threshold})
    return alerts


def describe_rule(costs: MonthCosts) -> str:
    """Return the sentence that says what is charged: the question that is always asked."""
    until = datetime.fromtimestamp(costs.until, tz=UTC)
    return _(
        "Charged is what is reserved, used or not, for the month’s real hours (%(hours)s h), up to %(time)s. “Used” is"
        " measured and changes no cost."
    ) % {"hours": costs.hours, "time": format_time(until)}
