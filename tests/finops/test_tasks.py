"""Celery's door, called as a worker calls it."""

from datetime import UTC, datetime

import pytest
from celery import current_app
from django.conf import settings

from domain.fleet import UsageSample
from domain.states import InstanceState
from finops.models import Budget, BudgetAlert, Interval
from finops.tasks import run_budgets, run_ledger, run_usage, run_visits
from finops.usage_models import UsageDay
from tests.engines import FakeEngine
from tests.finops.cases import hold, make_sheet
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]


@pytest.mark.parametrize(
    ("name", "seconds"), [("usage", 300.0), ("ledger", 300.0), ("budgets", 3600.0), ("visits", 3600.0)]
)
def test_the_clock_knows_the_task(name: str, seconds: float) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE[name]
    assert entry["task"] in current_app.tasks
    assert entry["schedule"] == seconds


def test_use_is_sampled(engine: FakeEngine) -> None:
    make_instance_row()
    now = datetime.now(UTC)
    engine.usage = (
        UsageSample(instance="saint-paul", container="db", at=now, cpu_millicores=5, memory_bytes=300 * 2**20),
    )
    run_usage()
    assert UsageDay.objects.get().points == 1


def test_the_ledger_is_kept() -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    run_ledger()
    assert Interval.objects.filter(why="opening").count() == 6


def test_budgets_are_looked_at() -> None:
    make_sheet()
    hold("saint-paul", cpu_millicores=1_000_000)
    Budget.objects.create(tenant="", amount=1)
    run_budgets()
    assert BudgetAlert.objects.count() == 3


def test_visits_are_looked_at(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    monkeypatch.setattr("finops.usage.visits.HOURS", 1)
    run_visits()
    assert [name for name, _since in engine.looks] == ["saint-paul"]
