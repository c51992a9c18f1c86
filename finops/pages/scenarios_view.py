"""What-if as rows for people."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domain.errors import CiviparoisseError
from finops.prices.rounding import round_to_cent
from finops.scenarios.comparison import Comparison, Scenario, compare, parse_asked
from finops.scenarios.whatif import Question
from finops.wording.formats import format_bytes, format_cores, format_money, format_signed_money
from finops.wording.words import CAVEATS, QUESTIONS


def list_scenarios(asked: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """Return what a page shows of the scenarios with these parameters; a refusal instead of rows when they, or the
    fleet's prices, are wrong."""
    try:
        parameters = parse_asked(asked)
        return {"asked": parameters, "error": None, **make_scenario_rows(compare(parameters, now=now))}
    except CiviparoisseError as error:
        return {"asked": parse_asked({}), "error": error, "scenarios": []}


def make_scenario_rows(comparison: Comparison) -> dict[str, Any]:
    """Return the fleet as it is now and every scenario beside it; parishes of each in a table of their own."""
    base = round_to_cent(comparison.now.total)
    tenants = sorted(comparison.now.by_tenant)
    return {
        "base": format_money(base, comparison.currency),
        "scenarios": [_make_row(scenario, base, comparison.currency) for scenario in comparison.scenarios],
        "tenants": [
            {
                "name": tenant,
                "now": format_money(round_to_cent(comparison.now.by_tenant[tenant]), comparison.currency),
                "amounts": [_find_amount(scenario, tenant, comparison.currency) for scenario in comparison.scenarios],
            }
            for tenant in tenants
        ],
    }


def word_question(scenario: Scenario, currency: str) -> str:
    """Return the question with its parameters, in the active language."""
    parameters = dict(scenario.parameters)
    if "price" in parameters:
        parameters["price"] = format_money(Decimal(parameters["price"]), currency)
    return str(QUESTIONS[scenario.question]) % parameters


def _make_row(scenario: Scenario, base: Decimal, currency: str) -> dict[str, Any]:
    row = {"name": word_question(scenario, currency), "caveat": str(CAVEATS.get(scenario.question, ""))}
    if scenario.outcome is None:
        message = scenario.error.message if scenario.error else ""
        return {**row, "caveat": message, "total": "–", "difference": "–", "tone": "", "reserved": "", "nodes": ""}
    outcome = scenario.outcome
    difference = round_to_cent(outcome.total) - base
    return {
        **row,
        "total": format_money(round_to_cent(outcome.total), currency),
        "difference": format_signed_money(difference, currency),
        "tone": "less" if difference < 0 else "more" if difference > 0 else "",
        "reserved": f"{format_cores(outcome.reserved.cpu_millicores)}, {format_bytes(outcome.reserved.memory_bytes)}",
        "nodes": _say_nodes(outcome.nodes) if scenario.question is not Question.NOW else "",
    }


def _say_nodes(nodes: int | None) -> str:
    if nodes is None:
        return ""
    return ngettext("%(count)s node", "%(count)s nodes", nodes) % {"count": nodes}


def _find_amount(scenario: Scenario, tenant: str, currency: str) -> str:
    if scenario.outcome is None:
        return _("no data")
    return format_money(round_to_cent(scenario.outcome.by_tenant.get(tenant, Decimal(0))), currency)
