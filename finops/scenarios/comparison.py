"""What-if on the real fleet: each question asked with its parameters, priced side by side, in one document."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from domain.errors import CiviparoisseError, InvalidValue, NotFound
from finops.calendar import compute_month
from finops.ledger.reservation import compute_footprint
from finops.models import PriceSheet
from finops.prices.rates import make_prices
from finops.scenarios.packing import count_nodes
from finops.scenarios.wanted_fleet import load_fleet
from finops.scenarios.whatif import (
    Fleet,
    Outcome,
    Parish,
    Question,
    add_parishes,
    overcommit,
    price_fleet,
    share_mysql,
    suspend_at_night,
    use_init_containers,
    use_php_fpm,
    use_plan,
    use_prices,
)
from tenants.registry import get_default_plan, get_plan
from tenants.specs import make_plan

MOST_PARISHES = 1000
# Name of a parameter -> what it is, for --help and the API's schema.
PARAMETERS = {
    "percent": gettext_noop("requests at so many per cent of what they are (70)"),
    "mysql_price": gettext_noop("price per month of MySQL as a service (60)"),
    "children": gettext_noop("PHP-FPM workers a parish (2)"),
    "hours": gettext_noop("hours off every night (8)"),
    "parishes": gettext_noop("how many new parishes (10)"),
    "plan": gettext_noop("name of another plan for all"),
    "prices": gettext_noop("name of another price sheet"),
}
BOUNDS = {"percent": (1, 100), "children": (1, 256), "hours": (1, 23), "parishes": (1, MOST_PARISHES)}
AMOUNT = re.compile(r"[0-9]{1,9}([.,][0-9]{0,2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfParameters:
    """The parameters of the questions. `plan`, `prices`: names; empty leaves the question out."""

    percent: int = 70
    mysql_price: Decimal = Decimal(60)
    children: int = 2
    hours: int = 8
    parishes: int = 10
    plan: str = ""
    prices: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One question on the fleet, with its answer. `outcome`: None when it could not be priced, `error` says why."""

    question: Question
    parameters: Mapping[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None
    error: CiviparoisseError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The fleet as it is now, and every scenario beside it."""

    currency: str
    now: Outcome
    scenarios: tuple[Scenario, ...]


def parse_asked(texts: Mapping[str, str]) -> WhatIfParameters:
    """Return the parameters from texts by name; those absent or empty keep their default. Raise InvalidValue."""
    values: dict[str, Any] = {name: texts[name] for name in ("plan", "prices") if texts.get(name)}
    for name, (least, most) in BOUNDS.items():
        if texts.get(name):
            values[name] = _read_number(name, texts[name], least=least, most=most)
    if texts.get("mysql_price"):
        values["mysql_price"] = _read_amount("mysql_price", texts["mysql_price"])
    return WhatIfParameters(**values)


def _read_number(name: str, text: str, *, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        reason = _("give a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
        raise InvalidValue(field=name, reason=reason)
    return int(text)


def _read_amount(name: str, text: str) -> Decimal:
    if not AMOUNT.fullmatch(text):
        raise InvalidValue(field=name, reason=_("give an amount such as 60 or 59,90."))
    return Decimal(text.replace(",", "."))


def compare(asked: WhatIfParameters, *, now: datetime) -> Comparison:
    """Return what every question would cost in a month of the present length. Raise CiviparoisseError when the fleet
    itself cannot be priced, NotFound for a plan or a price sheet that is not there."""
    fleet = load_fleet(now=now)
    used = (fleet.find_prices(engine) for engine in sorted({parish.engine for parish in fleet.parishes}))
    currency = next((prices.currency for prices in used if prices is not None), "")
    month = compute_month(now)

    def price(changed: Fleet, question: Question) -> Outcome:
        return price_fleet(changed, question=question, start=month.start, end=month.end, count_nodes=count_nodes)

    return Comparison(
        currency=currency,
        now=price(fleet, Question.NOW),
        scenarios=tuple(
            _answer(question, parameters, fleet, change, price) for question, parameters, change in _list_changes(asked)
        )
        if fleet.parishes
        else (),
    )


def _answer(
    question: Question,
    parameters: Mapping[str, str],
    fleet: Fleet,
    change: Callable[[Fleet], Fleet],
    price: Callable[[Fleet, Question], Outcome],
) -> Scenario:
    try:
        return Scenario(question=question, parameters=parameters, outcome=price(change(fleet), question))
    except NotFound:
        raise
    except CiviparoisseError as error:
        return Scenario(question=question, parameters=parameters, error=error)


Change = tuple[Question, Mapping[str, str], Callable[[Fleet], Fleet]]


def _list_changes(asked: WhatIfParameters) -> list[Change]:
    """Return every question with its parameters, as texts, and the change it makes."""
    price = asked.mysql_price
    changes: list[Change] = [
        (
            Question.OVERCOMMIT,
            {"percent": str(asked.percent)},
            lambda fleet: overcommit(fleet, percent=asked.percent),
        ),
        (Question.SHARED_MYSQL, {}, share_mysql),
        (Question.MYSQL_SERVICE, {"price": str(price)}, lambda fleet: share_mysql(fleet, monthly_price=price)),
        (
            Question.PHP_FPM,
            {"children": str(asked.children)},
            lambda fleet: use_php_fpm(fleet, children=asked.children),
        ),
        (Question.INIT_CONTAINERS, {}, use_init_containers),
        (
            Question.NIGHT,
            {"hours": str(asked.hours)},
            lambda fleet: suspend_at_night(fleet, hours=Decimal(asked.hours)),
        ),
        (Question.NEW_PARISHES, {"count": str(asked.parishes)}, lambda fleet: _add_default(fleet, asked.parishes)),
    ]
    if asked.plan:
        plan = make_plan(get_plan(asked.plan))
        footprint = compute_footprint(plan)
        changes.append((Question.PLAN, {"plan": asked.plan}, lambda fleet: use_plan(fleet, plan, footprint)))
    if asked.prices:
        prices = make_prices(_get_sheet(asked.prices))
        changes.append((Question.PRICES, {"prices": asked.prices}, lambda fleet: use_prices(fleet, prices)))
    return changes


def _get_sheet(name: str) -> PriceSheet:
    sheet = PriceSheet.objects.prefetch_related("lines").filter(name=name).order_by("-valid_from").first()
    if sheet is None:
        raise NotFound(what="price sheet", name=name)
    return sheet


def _add_default(fleet: Fleet, count: int) -> Fleet:
    """Return the fleet with new parishes of the default plan, on the engine that most are on."""
    engines = [parish.engine for parish in fleet.parishes]
    plan = make_plan(get_default_plan())
    model = Parish(
        tenant="new",
        instance="new",
        engine=max(set(engines), key=lambda name: (engines.count(name), name)),
        plan=plan,
        footprint=compute_footprint(plan),
    )
    return add_parishes(fleet, model, count=count)
