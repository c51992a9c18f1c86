"""Costs over REST: the commands' documents, and a recommendation followed once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from finops.calendar import compute_day, compute_month, compute_second
from operations.models import Operation
from tests.engines import FakeEngine
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded, write_use
from tests.operations.conftest import engine  # noqa: F401 - a fixture

ROOT = "/api/v1/finops"


@pytest.fixture(autouse=True)
def fleet(engine: FakeEngine, db: None) -> None:  # noqa: ARG001, F811 - the fixtures
    """A parish with costs, and use far below what it reserves."""
    make_sheet(engine="")
    make_recorded(since=timezone.now() - timedelta(days=40))
    engine.set_up("saint-paul")
    write_use(["saint-paul"], last=compute_day(compute_second(timezone.now())))


def test_a_month_its_lines_and_the_trend_agree(api: Client) -> None:
    month = str(compute_month(timezone.now()).add(-1))
    report = api.get(f"{ROOT}/months/{month}/").json()
    lines = api.get(f"{ROOT}/months/{month}/lines/", {"tenant": "saint-paul"}).json()["lines"]
    assert sum(Decimal(line["amount"]) for line in lines) == Decimal(report["parishes"][0]["total"])
    trend = {one["month"]: one["total"] for one in api.get(f"{ROOT}/months/").json()["months"]}
    assert trend[month] == report["bill"] and len(trend) == 12
    own = api.get(f"{ROOT}/months/", {"tenant": "saint-paul"}).json()["months"]
    assert {one["month"]: one["total"] for one in own}[month] == report["parishes"][0]["total"]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("months/2026-13/", {}, 400),
        ("months/", {"tenant": "nobody"}, 404),
        ("months/", {"tennant": "saint-paul"}, 400),
        ("what-if/", {"percent": "0"}, 400),
        ("what-if/", {"plan": "none"}, 404),
        ("recommendations/", {"days": "0"}, 400),
        ("recommendations/", {"days": "9999"}, 400),
        ("recommendations/nobody/", {}, 404),
        ("capacity/", {"engine": "x"}, 400),
    ],
)
def test_refusals(api: Client, path: str, query: dict[str, str], status: int) -> None:
    answer = api.get(f"{ROOT}/{path}", query)
    assert answer.status_code == status and answer.json()["error"]["code"]


def test_strangers_see_no_cost(stranger: Client) -> None:
    for path in ("months/", "capacity/", "recommendations/", "findings/", "what-if/"):
        assert stranger.get(f"{ROOT}/{path}").status_code == 401


def test_capacity_findings_and_scenarios_are_told(api: Client) -> None:
    assert "fake" in {one["engine"] for one in api.get(f"{ROOT}/capacity/").json()["engines"]}
    assert api.get(f"{ROOT}/findings/").json() == {"findings": []}
    assert len(api.get(f"{ROOT}/what-if/").json()["scenarios"]) == 7


def test_a_recommendation_is_described_followed_and_not_begun_twice(api: Client) -> None:
    (advice,) = api.get(f"{ROOT}/recommendations/").json()["recommendations"]
    assert advice == api.get(f"{ROOT}/recommendations/saint-paul/").json() and advice["is_change"]
    apply = f"{ROOT}/recommendations/saint-paul/apply/"
    described = api.post(f"{apply}?dry_run=true", {}, content_type="application/json")
    assert described.status_code == 200 and described.json()["kind"] == "resize"
    assert not Operation.objects.exists()
    headers = {"idempotency-key": "k1"}
    begun = api.post(apply, {}, content_type="application/json", headers=headers)
    assert begun.status_code == 202 and begun.json()["kind"] == "resize"
    again = api.post(apply, {}, content_type="application/json", headers=headers)
    assert again.json()["id"] == begun.json()["id"] and again.headers["Idempotency-Replayed"] == "true"
    assert Operation.objects.count() == 1
