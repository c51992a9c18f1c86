"""Recommendations on the command line: shown, described, followed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from finops.calendar import compute_day, compute_second
from operations.models import Operation
from tenants.models import Plan
from tests.backups.commands import run_command, run_json
from tests.engines import FakeEngine
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded, write_use

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fleet(engine: FakeEngine) -> None:
    """A parish that was given far more than it uses."""
    make_sheet(engine="")
    make_recorded(since=timezone.now() - timedelta(days=40))
    engine.set_up("saint-paul")
    write_use(["saint-paul"], last=compute_day(compute_second(timezone.now())))


def test_advice_and_findings_are_listed() -> None:
    code, document = run_json("finops_recommend")
    (advice,) = document["recommendations"]
    assert code == 0 and advice["is_change"] and document["findings"] == []
    assert advice["containers"][0]["evidence"] is None or advice["containers"][0]["evidence"]["points"] > 0
    code, text = run_command("finops_recommend", "saint-paul")
    assert code == 0 and text.startswith("saint-paul")


def test_a_dry_run_says_what_would_be_asked_and_writes_nothing() -> None:
    plans = Plan.objects.count()
    code, document = run_json("finops_recommend", "saint-paul", "--apply", "--dry-run")
    assert code == 0 and document["proposed_plan"].startswith("test-fit-")
    assert (Operation.objects.count(), Plan.objects.count()) == (0, plans)


def test_following_it_asks_for_a_resize() -> None:
    code, document = run_json("finops_recommend", "saint-paul", "--apply")
    assert (code, document["operation"]["kind"]) == (0, "resize")
    assert Operation.objects.get().requested_by.startswith("cli:")


def test_refusals_have_their_code() -> None:
    assert run_json("finops_recommend", "nobody")[1]["error"]["code"] == "not_found"
    assert run_json("finops_recommend", "--apply")[1]["error"]["code"] == "command_line_invalid"
