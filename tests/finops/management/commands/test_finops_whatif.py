"""What-if on the command line."""

from datetime import datetime

import pytest

from finops.calendar import PARIS
from tests.backups.commands import run_command, run_json
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fleet(db: None) -> None:  # noqa: ARG001 - the database must be there
    """One parish."""
    make_sheet(engine="")
    make_recorded(since=datetime(2026, 1, 1, tzinfo=PARIS))


def test_scenarios_stand_side_by_side() -> None:
    code, document = run_json("finops_whatif", "--percent", "50", "--parishes", "3")
    assert code == 0
    by_question = {one["question"]: one for one in document["scenarios"]}
    assert by_question["overcommit"]["parameters"] == {"percent": "50"}
    assert len(by_question["new_parishes"]["outcome"]["parishes"]) == 4
    code, table = run_command("finops_whatif", "--percent", "50")
    assert code == 0 and "50" in table and "€" in table


def test_a_wrong_parameter_is_named() -> None:
    _code, document = run_json("finops_whatif", "--hours", "25")
    assert document["error"]["code"] == "invalid_value" and "hours" in document["error"]["message"]
