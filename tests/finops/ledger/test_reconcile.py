"""What the ledger does not know is opened, once; what it should not hold is ended."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backups.models import Backup, BackupState
from domain.states import InstanceState
from finops.calendar import compute_second
from finops.ledger.reconcile import ensure_recorded
from finops.models import Interval
from operations.models import Operation
from tenants.models import Instance, PlanContainer
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def list_held(identifier: str) -> set[str]:
    rows = Interval.objects.filter(instance=identifier, end__isnull=True)
    return {f"{row.resource} {row.component}" for row in rows}


VOLUMES = {f"storage {name}" for name in ("db", "files", "private", "backups")}
SERVERS = {"compute db", "compute httpd"}


@pytest.mark.parametrize(
    ("state", "held"),
    [
        (InstanceState.NEW, set()),
        (InstanceState.ACTIVE, VOLUMES | SERVERS),
        (InstanceState.SUSPENDED, VOLUMES),
        (InstanceState.FAILED, VOLUMES),
        (InstanceState.DELETED, set()),
    ],
)
def test_instances_that_were_there_before_the_ledger_are_opened_once(state: InstanceState, held: set[str]) -> None:
    make_instance_row(state=state)
    assert ensure_recorded(now=NOW) == (["saint-paul"] if held else [])
    assert list_held("saint-paul") == held
    assert set(Interval.objects.values_list("why", "start")) <= {("opening", compute_second(NOW))}
    assert ensure_recorded(now=NOW + timedelta(hours=1)) == []


def test_an_instance_that_an_operation_holds_is_left_to_it() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    Operation.objects.create(
        kind="backup", instance=instance, subject="saint-paul", requested_by="test", lock="saint-paul"
    )
    assert ensure_recorded(now=NOW) == []
    assert list_held("saint-paul") == set()


def test_a_plan_that_was_edited_is_not_applied_yet() -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    ensure_recorded(now=NOW)
    PlanContainer.objects.filter(container="db").update(cpu_request_millicores=1, cpu_limit_millicores=1)
    assert ensure_recorded(now=NOW + timedelta(hours=1)) == []


def test_backups_the_ledger_lacks_are_written_and_deleted_ones_ended() -> None:
    instance = make_instance_row(state=InstanceState.DELETED)
    backup = Backup.objects.create(backup_id="b1", instance=instance, state=BackupState.GOOD, stored_bytes=5)
    assert ensure_recorded(now=NOW) == ["saint-paul"]
    # A deleted instance's backups are still on their volume.
    assert list_held("saint-paul") == {"backup b1", "storage backups"}
    assert ensure_recorded(now=NOW) == []
    gone = backup.started_at + timedelta(hours=2)
    Backup.objects.update(state=BackupState.DELETED, deleted_at=gone)
    assert ensure_recorded(now=NOW + timedelta(days=1)) == ["saint-paul"]
    assert Interval.objects.get(component="b1").end == compute_second(gone)
    assert list_held("saint-paul") == set()


def test_what_a_row_that_is_gone_held_has_ended() -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    ensure_recorded(now=NOW)
    Instance.objects.update(identifier="renamed")
    later = NOW + timedelta(hours=1)
    assert ensure_recorded(now=later) == ["renamed", "saint-paul"]
    assert list_held("saint-paul") == set()
    assert set(Interval.objects.filter(instance="saint-paul").values_list("end", flat=True)) == {compute_second(later)}


def test_one_broken_plan_stops_no_other() -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    PlanContainer.objects.filter(container="httpd").delete()
    assert ensure_recorded(now=NOW) == []


def test_the_number_of_queries_does_not_grow_while_all_is_well() -> None:
    counts = set()
    for first in (0, 3, 6):
        for number in range(first, first + 3):
            state = InstanceState.DELETED if number % 3 else InstanceState.ACTIVE
            make_instance_row(f"parish-{number}", state=state)
        ensure_recorded(now=NOW)
        with CaptureQueriesContext(connection) as queries:
            assert ensure_recorded(now=NOW) == []
        counts.add(len(queries))
    assert len(counts) == 1
