"""Scenarios in words."""

from datetime import datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from finops.calendar import PARIS
from finops.pages.scenarios_view import list_scenarios, word_question
from finops.scenarios.comparison import Scenario
from finops.scenarios.whatif import Question
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)


def test_rows_have_a_total_a_signed_difference_and_every_parish() -> None:
    make_sheet(engine="")
    make_recorded(since=datetime(2026, 10, 1, tzinfo=PARIS))
    with override("en"):
        found = list_scenarios({"percent": "50"}, now=NOW)
    assert found["error"] is None
    row = found["scenarios"][0]
    assert row["name"].startswith("Requests at 50") and row["difference"].startswith("−") and row["tone"] == "less"
    assert [tenant["name"] for tenant in found["tenants"]] == ["saint-paul"]
    assert len(found["tenants"][0]["amounts"]) == len(found["scenarios"])


def test_a_refusal_takes_the_rows_place() -> None:
    found = list_scenarios({"percent": "500"}, now=NOW)
    assert found["error"].code == "invalid_value" and found["scenarios"] == []


def test_prices_in_questions_are_written_as_money() -> None:
    scenario = Scenario(question=Question.MYSQL_SERVICE, parameters={"price": str(Decimal("59.9"))})
    with override("fr"):
        assert "59,90\xa0€" in word_question(scenario, "EUR")
