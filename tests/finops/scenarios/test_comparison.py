"""Questions on the real fleet: parameters are checked, every scenario is priced beside the same base."""

from datetime import datetime
from decimal import Decimal

import pytest

from domain.errors import InvalidValue, NotFound
from finops.calendar import PARIS
from finops.models import PriceLine
from finops.scenarios.comparison import WhatIfParameters, compare, parse_asked
from finops.scenarios.documents import ComparisonSerializer
from finops.scenarios.whatif import Question
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
BEGUN = datetime(2026, 10, 1, tzinfo=PARIS)


def test_every_question_is_answered_beside_the_same_base() -> None:
    make_sheet(engine="")
    make_sheet(engine="elsewhere", name="dear")
    PriceLine.objects.filter(sheet__name="dear").update(amount=1)
    for slug in ("saint-paul", "sainte-marie"):
        make_recorded(slug, since=BEGUN)
    found = compare(WhatIfParameters(plan="test", prices="dear"), now=NOW)
    assert {one.question for one in found.scenarios} == set(Question) - {Question.NOW}
    totals = {one.question: one.outcome.total for one in found.scenarios if one.outcome}
    assert totals[Question.PLAN] == found.now.total, "they have that plan already"
    assert totals[Question.PRICES] > found.now.total > totals[Question.OVERCOMMIT]
    assert totals[Question.NIGHT] < found.now.total < totals[Question.INIT_CONTAINERS]
    document = ComparisonSerializer(found).data
    assert document["currency"] == "EUR"
    base = Decimal(document["now"]["total"])
    for one in document["scenarios"]:
        assert Decimal(one["outcome"]["total"]) - base == Decimal(one["outcome"]["difference"])


def test_a_scenario_that_cannot_be_priced_hides_no_other() -> None:
    make_sheet(engine="")
    half = make_sheet(engine="elsewhere", name="half")
    half.lines.filter(kind="memory").delete()
    make_recorded(since=BEGUN)
    found = {one.question: one for one in compare(WhatIfParameters(prices="half"), now=NOW).scenarios}
    assert found[Question.PRICES].outcome is None
    assert found[Question.PRICES].error is not None and found[Question.PRICES].error.code == "price_incomplete"
    assert found[Question.NIGHT].outcome is not None


def test_an_empty_fleet_has_no_scenario() -> None:
    assert compare(WhatIfParameters(), now=NOW).scenarios == ()


@pytest.mark.parametrize("asked", [WhatIfParameters(plan="none"), WhatIfParameters(prices="none")])
def test_a_name_that_is_not_there_is_told(asked: WhatIfParameters) -> None:
    make_sheet(engine="")
    make_recorded(since=BEGUN)
    with pytest.raises(NotFound):
        compare(asked, now=NOW)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("percent", "0"), ("percent", "101"), ("percent", "٣"), ("percent", "5.5"), ("hours", "24"),
        ("parishes", "1001"),
        ("children", "-1"), ("mysql_price", "x"), ("mysql_price", "1e3"), ("mysql_price", "1,234"),
        ("mysql_price", "-1"),
    ],
)  # fmt: skip
def test_what_is_no_parameter_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        parse_asked({name: text})
    assert refusal.value.params["field"] == name


def test_parameters_are_read_and_empty_ones_keep_their_default() -> None:
    found = parse_asked({"percent": "50", "mysql_price": "59,90", "hours": "", "plan": "x"})
    assert found == WhatIfParameters(percent=50, mysql_price=Decimal("59.90"), plan="x")
