"""What one parish costs, for its own page."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from domain.errors import CiviparoisseError
from finops.calendar import Month, compute_month
from finops.months.costs import CostLine
from finops.months.reports import MonthReader, make_trend
from finops.pages.dashboard import make_chart, make_status
from finops.wording.formats import format_money, format_percent, format_quantity
from finops.wording.words import KINDS, word_component, word_unit
from tenants.models import Instance


def describe_parish(slug: str, month: Month, *, now: datetime) -> dict[str, Any]:
    """Return what the page of a parish shows: its lines of the month with quantities beside money, twelve months,
    its instances. `has_costs`: whether there is any figure."""
    reader = MonthReader(now=now)
    trend = make_trend(month, reader, tenant=slug)
    context: dict[str, Any] = {
        "has_costs": any(month.total for month in trend),
        # What its instances are is of the present.
        "instances": _list_instances(slug) if month >= compute_month(now) else [],
        "name": "",
        "lines": [],
    }
    currency = "EUR"
    try:
        costs = reader.read(month)
    except CiviparoisseError as error:
        context["error"] = error
    else:
        currency = costs.currency or currency
        own = costs.select(slug)
        status, colour = make_status(costs, now=now)
        total = sum((line.amount for line in own), Decimal(0))
        context |= {
            "status": status,
            "status_colour": colour,
            "lines": [_make_line(line, total, currency) for line in sorted(own, key=lambda line: -line.amount)],
            "total": format_money(total, currency),
            "name": costs.list_names().get(slug, "") if costs.closed_at else "",
        }
    return {**context, **make_chart(trend, currency=currency, tenant=slug)}


def _make_line(line: CostLine, total: Decimal, currency: str) -> dict[str, str]:
    return {
        "instance": line.instance,
        "kind": str(KINDS[line.kind]),
        "component": word_component(line.component),
        "quantity": format_quantity(line.quantity, word_unit(line.unit)) if line.quantity else "",
        "exact": format_money(line.exact, currency),
        "amount": format_money(line.amount, currency),
        "share": format_percent(line.amount / total if total else Decimal(0)),
    }


def _list_instances(slug: str) -> list[dict[str, str]]:
    rows = Instance.objects.filter(tenant__slug=slug).select_related("plan").defer("secrets")
    return [
        {
            "name": row.identifier,
            "plan": row.plan.name,
            "state": str(row.get_state_display()),
            "link": reverse("admin:tenants_instance_change", args=[row.pk]),
            "advice": reverse("finops_advice", args=[row.identifier]),
        }
        for row in rows
    ]
