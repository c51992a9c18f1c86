"""What-if as a document: the figures shown add up to the cent."""

import json
from decimal import Decimal

from domain.errors import CiviparoisseError
from domain.reservations import Reservation
from finops.scenarios.comparison import Comparison, Scenario
from finops.scenarios.documents import ComparisonSerializer
from finops.scenarios.whatif import Outcome, Question


def make_outcome(question: Question, total: str) -> Outcome:
    return Outcome(
        question=question,
        total=Decimal(total),
        by_tenant={"saint-paul": Decimal(total)},
        idle=Decimal("0.005"),
        reserved=Reservation(250, 1024),
    )


def test_a_difference_is_that_of_the_totals_shown() -> None:
    comparison = Comparison(
        currency="EUR",
        now=make_outcome(Question.NOW, "10.004"),
        scenarios=(
            Scenario(question=Question.NIGHT, parameters={"hours": "8"}, outcome=make_outcome(Question.NIGHT, "7.126")),
            Scenario(question=Question.PRICES, error=CiviparoisseError("price_incomplete", sheet="half", missing="x")),
        ),
    )
    shown = json.loads(json.dumps(ComparisonSerializer(comparison).data))
    assert (shown["now"]["total"], shown["now"]["difference"]) == ("10.00", "0.00")
    night, prices = shown["scenarios"]
    assert (night["outcome"]["total"], night["outcome"]["difference"]) == ("7.13", "-2.87")
    assert night["outcome"]["parishes"] == {"saint-paul": "7.13"} and night["error"] is None
    assert prices["outcome"] is None and prices["error"]["code"] == "price_incomplete"
