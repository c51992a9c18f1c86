"""Celery's door for backups, called as a worker calls it."""

import pytest

from backups.models import Backup
from backups.tasks import run_nightly, run_pruning, run_scheduled
from domain.states import InstanceState
from operations.models import Operation
from tests.engines import FakeEngine
from tests.rows import make_instance_row


@pytest.mark.django_db(transaction=True)
def test_the_clock_s_tasks_run(engine: FakeEngine) -> None:
    engine.set_up("saint-paul")
    make_instance_row(state=InstanceState.ACTIVE)
    run_nightly()
    run_scheduled()
    run_pruning()
    assert not Operation.objects.exists() and not Backup.objects.exists()
    assert engine.list_calls("saint-paul") == []
