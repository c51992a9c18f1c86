"""Celery's door, called as a worker calls it."""

import pytest
from celery import current_app
from django.conf import LazySettings

from backups.tasks import run_nightly, run_scheduled
from domain.states import InstanceState, OperationKind
from operations.models import Operation
from operations.tasks import run, run_crons, run_sweep, run_upkeep
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.conftest import Request
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


def test_run_takes_an_identifier_and_runs_the_operation(ask: Request, engine: FakeEngine) -> None:
    engine.set_up("saint-paul")
    operation = ask(OperationKind.SUSPEND)
    run(operation.public_id)
    operation.refresh_from_db()
    assert operation.state == "succeeded"
    run(operation.public_id)
    assert operation.events.filter(message="ended: succeeded").count() == 1


def test_run_leaves_a_waiting_operation_due_later(ask: Request, engine: FakeEngine) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    run(operation.public_id)
    operation.refresh_from_db()
    assert operation.state == "waiting"
    assert engine.list_effects("saint-paul") == ["make volumes", "run init"]


def test_a_wait_of_days_is_left_to_the_sweep(ask: Request, engine: FakeEngine, settings: LazySettings) -> None:
    engine.set_up("saint-paul")
    engine.deletion_grace_seconds = 86_400
    operation = ask(OperationKind.DELETE, final_backup=False, confirm="saint-paul")
    folder = settings.BROKER_DIR / "messages"
    before = set(folder.iterdir())
    run(operation.public_id)
    operation.refresh_from_db()
    assert (operation.state, "undo_until" in operation.data) == ("waiting", True)
    assert set(folder.iterdir()) == before


def test_the_clock_s_tasks_exist_under_the_names_it_rings() -> None:
    current_app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in current_app.conf.beat_schedule.values()}
    own = {run_sweep.name, run_crons.name, run_upkeep.name, run_nightly.name, run_scheduled.name}
    assert own <= scheduled <= set(current_app.tasks)


def test_the_clock_s_tasks_run(ask: Request, engine: FakeEngine) -> None:
    ask(OperationKind.SUSPEND)
    run_sweep()
    assert Operation.objects.get().state == "queued"
    make_instance_row("saint-jean", state=InstanceState.ACTIVE)
    run_crons()
    assert Instance.objects.get(identifier="saint-jean").cron_next_run_at is not None
    assert engine.list_calls("saint-jean") == []
