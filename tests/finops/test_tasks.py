"""The periodic tasks are in the clock's schedule and do what they say."""

import pytest
from django.conf import settings

from domain.states import InstanceState
from finops.models import Budget, BudgetAlert, Interval
from finops.tasks import run_budgets, run_ledger
from tests.finops.cases import hold, make_sheet
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]


def test_the_clock_knows_them() -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {run_ledger.name, run_budgets.name} <= scheduled


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
