"""The ledger is written with each change of state, in the same transaction, and holds exactly what is held."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection

from backups.models import Backup, BackupState
from domain.footprints import Footprint
from domain.specs import ALL_COMPONENTS, Plan
from domain.states import InstanceState, OperationKind, OperationState
from finops.calendar import compute_second
from finops.ledger import reservation
from finops.ledger.changes import record_backups, record_change
from finops.ledger.recorder import Amounts, get_amounts
from finops.models import Interval, Resource
from manifests.footprints import make_footprint
from operations.models import Operation
from operations.requests import request_cancel, request_operation
from operations.runner import run_operation
from tenants.models import Instance, PlanContainer
from tests.engines import FakeEngine
from tests.finops.cases import GIBIBYTE, MEBIBYTE
from tests.operations.conftest import Finish, MovedClock, Request
from tests.rows import make_instance_row, make_plan_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]

DB = Amounts(250, 384 * MEBIBYTE)
HTTPD = Amounts(1100, 1124 * MEBIBYTE)
VOLUMES = {"db": GIBIBYTE, "files": GIBIBYTE, "private": GIBIBYTE, "backups": 2 * GIBIBYTE}


def list_open(resource: Resource) -> dict[str, Amounts]:
    rows = Interval.objects.filter(resource=resource.value, end__isnull=True)
    return {row.component: get_amounts(row) for row in rows}


def get_row(resource: Resource, component: str) -> Interval:
    return Interval.objects.get(resource=resource.value, component=component)


def assert_nothing_overlaps() -> None:
    rows = Interval.objects.order_by("instance", "resource", "component", "start")
    for first, second in pairwise(rows):
        if (first.instance, first.resource, first.component) == (second.instance, second.resource, second.component):
            assert first.end is not None and first.end <= second.start


def test_volumes_are_held_from_the_request_on_and_servers_from_their_start(ask: Request, finish: Finish) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    assert {name: held.storage_bytes for name, held in list_open(Resource.STORAGE).items()} == VOLUMES
    assert list_open(Resource.COMPUTE) == {}
    assert get_row(Resource.STORAGE, "db").start == compute_second(operation.created_at)
    assert finish(operation).state == OperationState.SUCCEEDED
    assert list_open(Resource.COMPUTE) == {"db": DB, "httpd": HTTPD}
    began = dict(operation.steps.values_list("name", "started_at"))
    db, httpd = (get_row(Resource.COMPUTE, name) for name in ("db", "httpd"))
    assert db.start == compute_second(began["start_database"])
    assert httpd.start == compute_second(began["start_site"])
    assert (db.source, db.why) == ("spec", f"provision {operation.public_id}")
    assert (db.engine, db.tenant) == ("fake", "saint-paul")


def test_a_suspended_instance_holds_its_volumes_only_and_a_resumed_one_its_servers_again(
    ask: Request, finish: Finish, clock: MovedClock
) -> None:
    instance = finish(ask(OperationKind.PROVISION, state=InstanceState.NEW)).instance
    for kind, servers in ((OperationKind.SUSPEND, set()), (OperationKind.RESUME, {"db", "httpd"})):
        clock.move(3600)
        operation = request_operation(kind=kind, instance=instance, requested_by="test")
        assert finish(operation).state == OperationState.SUCCEEDED
        assert set(list_open(Resource.COMPUTE)) == servers
        assert set(list_open(Resource.STORAGE)) == set(VOLUMES)
    assert Interval.objects.filter(resource="storage").count() == len(VOLUMES)
    assert_nothing_overlaps()


def test_a_deletion_keeps_everything_until_the_purge_is_proven_and_the_kept_backups_after_it(
    ask: Request, finish: Finish, clock: MovedClock
) -> None:
    instance = finish(ask(OperationKind.PROVISION, state=InstanceState.NEW)).instance
    assert instance is not None
    clock.move(3600)
    operation = request_operation(kind=OperationKind.DELETE, instance=instance, requested_by="test")
    assert set(list_open(Resource.COMPUTE)) == {"db", "httpd"}
    assert finish(operation).state == OperationState.SUCCEEDED
    instance.refresh_from_db()
    assert list_open(Resource.COMPUTE) == {}
    assert set(list_open(Resource.STORAGE)) == {"backups"}
    assert len(list_open(Resource.BACKUP)) == 1
    assert instance.purged_at is not None
    assert get_row(Resource.STORAGE, "db").end == compute_second(instance.purged_at)
    clock.move(3600)
    parameters = {"final_backup": False, "purge_backups": True, "confirm": "saint-paul"}
    again = request_operation(kind=OperationKind.DELETE, instance=instance, requested_by="test", parameters=parameters)
    assert finish(again).state == OperationState.SUCCEEDED
    assert not Interval.objects.filter(end__isnull=True).exists()
    assert_nothing_overlaps()


def test_a_deletion_that_can_still_be_undone_holds_no_servers_and_an_undone_one_holds_them_again(
    ask: Request, finish: Finish, clock: MovedClock, engine: FakeEngine
) -> None:
    engine.deletion_grace_seconds = 72 * 3600
    instance = finish(ask(OperationKind.PROVISION, state=InstanceState.NEW)).instance
    assert instance is not None
    operation = request_operation(kind=OperationKind.DELETE, instance=instance, requested_by="test")
    for _ in range(50):
        run_operation(operation.public_id, clock=clock)
        if operation.steps.get(name="grace").state == "running":
            break
        clock.move(1)
    stopped = operation.steps.get(name="stop").ended_at
    assert stopped is not None
    assert list_open(Resource.COMPUTE) == {}
    assert get_row(Resource.COMPUTE, "httpd").end == compute_second(stopped)
    assert set(list_open(Resource.STORAGE)) == set(VOLUMES)
    clock.move(3600)
    request_cancel(operation, requested_by="test")
    assert finish(operation).state == OperationState.CANCELLED
    assert list_open(Resource.COMPUTE) == {"db": DB, "httpd": HTTPD}
    assert_nothing_overlaps()


def test_a_failed_provisioning_keeps_what_is_reserved(ask: Request, finish: Finish, engine: FakeEngine) -> None:
    engine.fail("saint-paul", "run_job init", times=9, code="init_failed")
    assert finish(ask(OperationKind.PROVISION, state=InstanceState.NEW)).state == OperationState.FAILED
    assert set(list_open(Resource.STORAGE)) == set(VOLUMES)
    assert list_open(Resource.COMPUTE) == {}


def test_a_provisioning_that_fails_after_the_database_started_keeps_the_database(
    ask: Request, finish: Finish, engine: FakeEngine
) -> None:
    engine.fail("saint-paul", "apply", times=0)
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    engine.before_call = lambda identifier, name: (
        engine.fail(identifier, "apply", times=9) if name == "observe" else None
    )
    assert finish(operation).state == OperationState.FAILED
    assert "db" in list_open(Resource.COMPUTE)


def test_a_cancel_before_anything_was_touched_leaves_no_trace(ask: Request, finish: Finish) -> None:
    operation = ask(OperationKind.PROVISION, state=InstanceState.NEW)
    request_cancel(operation, requested_by="test")
    assert finish(operation).state == OperationState.CANCELLED
    assert not Interval.objects.filter(end__isnull=True).exists()
    # What it held until it was cancelled is in the ledger.
    assert {row.resource for row in Interval.objects.all()} <= {Resource.STORAGE.value}


def test_other_sizes_end_an_interval_and_begin_one(ask: Request, finish: Finish, clock: MovedClock) -> None:
    operation = finish(ask(OperationKind.PROVISION, state=InstanceState.NEW))
    PlanContainer.objects.filter(container="db").update(memory_request_bytes=GIBIBYTE, memory_limit_bytes=GIBIBYTE)
    clock.move(60)
    instance = Instance.objects.get()
    record_change(instance, operation=operation, now=clock())
    old, new = Interval.objects.filter(resource="compute", component="db").order_by("start")
    assert (old.end, new.start, new.end) == (compute_second(clock()), compute_second(clock()), None)
    assert get_amounts(new) == Amounts(250, GIBIBYTE)
    assert Interval.objects.filter(resource="compute", component="httpd").count() == 1


@pytest.mark.parametrize("kind", ["backup", "prune"])
def test_what_does_not_apply_an_edited_plan_does_not_book_it(
    kind: str, ask: Request, finish: Finish, clock: MovedClock
) -> None:
    instance = finish(ask(OperationKind.PROVISION, state=InstanceState.NEW)).instance
    assert instance is not None
    PlanContainer.objects.filter(container="db").update(cpu_request_millicores=2000, cpu_limit_millicores=2000)
    clock.move(60)
    operation = Operation.objects.create(kind=kind, instance=instance, subject="saint-paul", requested_by="test")
    record_change(Instance.objects.get(), operation=operation, now=clock())
    assert list_open(Resource.COMPUTE) == {"db": DB, "httpd": HTTPD}
    assert Interval.objects.filter(resource="compute").count() == 2


def test_telling_twice_writes_once(ask: Request, finish: Finish, clock: MovedClock) -> None:
    operation = finish(ask(OperationKind.PROVISION, state=InstanceState.NEW))
    before = list(Interval.objects.values())
    record_change(Instance.objects.get(), operation=operation, now=clock() + timedelta(seconds=5))
    assert list(Interval.objects.values()) == before


def test_backups_are_held_from_their_beginning_until_they_are_deleted(clock: MovedClock) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    first = Backup.objects.create(
        backup_id="20261101T000000Z-000001", instance=instance, state=BackupState.GOOD, stored_bytes=1000
    )
    Backup.objects.create(backup_id="20261101T000000Z-000002", instance=instance, state=BackupState.FAILED)
    for _ in range(2):
        record_backups(instance, now=clock())
        assert list_open(Resource.BACKUP) == {"20261101T000000Z-000001": Amounts(storage_bytes=1000)}
    Backup.objects.update(state=BackupState.DELETED, deleted_at=first.started_at + timedelta(hours=3))
    record_backups(instance, now=clock() + timedelta(days=9))
    row = Interval.objects.get()
    assert row.end is not None and row.end - row.start == 3 * 3600


def test_a_plan_that_nothing_can_be_made_of_does_not_stop_the_operation(clock: MovedClock) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    PlanContainer.objects.filter(container="httpd").delete()
    operation = Operation.objects.create(kind="resume", instance=instance, subject="saint-paul", requested_by="test")
    record_change(instance, operation=operation, now=clock())
    assert not Interval.objects.exists()


def test_nothing_is_rendered_while_a_row_is_held(
    engine: FakeEngine, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a plan takes is learnt before the transaction of a request, of a change of plan, and of an end."""
    rendered: list[bool] = []

    def render(plan: Plan, *, blueprint: str) -> Footprint:
        rendered.append(connection.in_atomic_block)
        return make_footprint(plan, blueprint=blueprint)

    monkeypatch.setattr(reservation, "make_footprint", render)
    monkeypatch.setattr(reservation, "_kept", {})
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    make_plan_row("large", db_gibibytes=3)
    instance = make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    operation = request_operation(
        kind=OperationKind.RESIZE, instance=instance, requested_by="test", parameters={"plan": "large"}
    )
    while run_operation(operation.public_id, clock=clock) is not None:
        clock.move(100)
    operation.refresh_from_db()
    assert operation.state == "succeeded", operation.error_params
    assert rendered and not any(rendered)
