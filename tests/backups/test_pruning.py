"""What policies let go is removed by itself, by ordinary operations."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from backups import holders
from backups.models import Backup, BackupState
from backups.policies import choose_policy, create_policy, find_policy
from backups.pruning import find_purge_time, request_prunings, request_purges
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance
from tests.backups.conftest import MakeInstance
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine
from tests.operations.conftest import Finish

pytestmark = pytest.mark.django_db(transaction=True)
with_paul = pytest.mark.usefixtures("paul")


@pytest.fixture
def paul(engine: FakeEngine, make_instance: MakeInstance) -> Instance:
    """Saint-Paul, of which the last two sets are kept, with four."""
    instance = make_instance()
    policy = create_policy({"name": "two", "label": "x", "keep_last": 2}, requested_by="test")
    choose_policy(instance, policy, requested_by="test")
    rows = [make_backup_row(instance, hours_ago=24 * days, stored_bytes=1000) for days in (4, 3, 2, 1)]
    engine.set_up("saint-paul", backup_ids=tuple(row.backup_id for row in rows))
    return instance


@with_paul
def test_it_is_an_operation_that_says_what_it_freed(finish: Finish) -> None:
    assert request_prunings(now=timezone.now()) == ["saint-paul"]
    assert request_prunings(now=timezone.now()) == []
    operation = finish(Operation.objects.get())
    assert (operation.kind, operation.requested_by, operation.state) == ("prune", "manager", "succeeded")
    assert operation.result == {"removed_backups": 2, "freed_bytes": 2000}
    assert [row.state for row in Backup.objects.order_by("started_at")] == ["deleted", "deleted", "good", "good"]
    assert request_prunings(now=timezone.now()) == []


@with_paul
def test_failed_sets_push_no_good_one_out() -> None:
    Backup.objects.filter(pk__in=Backup.objects.order_by("-started_at")[:2].values("pk")).update(
        state=BackupState.FAILED
    )
    assert request_prunings(now=timezone.now()) == []


def test_nothing_goes_from_who_is_busy_failed_or_switched_off(paul: Instance, settings: LazySettings) -> None:
    holder = request_operation(kind=OperationKind.BACKUP, instance=paul, requested_by="test")
    assert request_prunings(now=timezone.now()) == []
    Operation.objects.filter(pk=holder.pk).update(lock=None, state=OperationState.SUCCEEDED)
    Instance.objects.update(state="failed")
    assert request_prunings(now=timezone.now()) == []
    Instance.objects.update(state="active")
    settings.PRUNING = False
    assert request_prunings(now=timezone.now()) == []


@with_paul
def test_after_a_failure_it_waits_for_people() -> None:
    now = timezone.now()
    assert request_prunings(now=now) == ["saint-paul"]
    Operation.objects.update(state=OperationState.FAILED, lock=None, ended_at=now)
    assert request_prunings(now=now + timedelta(hours=1)) == []
    assert request_prunings(now=now + timedelta(hours=7)) == ["saint-paul"]


def delete(instance: Instance, *, days_ago: float, now: datetime) -> None:
    Instance.objects.filter(pk=instance.pk).update(
        state=InstanceState.DELETED.value, purged_at=now - timedelta(days=days_ago)
    )


def test_what_is_kept_of_a_deleted_instance_goes_when_its_time_is_over(
    paul: Instance, engine: FakeEngine, finish: Finish
) -> None:
    now = timezone.now()
    days = find_policy(paul).final_days
    delete(paul, days_ago=days - 1, now=now)
    assert request_purges(now=now) == [] and request_prunings(now=now) == []
    paul.refresh_from_db()
    until = find_purge_time(paul, find_policy(paul))
    assert until is not None and now < until <= now + timedelta(days=2)
    assert request_purges(now=until) == ["saint-paul"]
    assert finish(Operation.objects.get()).state == OperationState.SUCCEEDED
    assert set(Backup.objects.values_list("state", flat=True)) == {"deleted"}
    assert not engine.observe("saint-paul").backup_ids
    assert request_purges(now=until + timedelta(days=9)) == []


def test_what_a_person_pinned_or_somebody_reads_keeps_all_of_it(
    paul: Instance, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    now = timezone.now()
    delete(paul, days_ago=5000, now=now)
    paul.refresh_from_db()
    one = Backup.objects.order_by("pk")[0]
    Backup.objects.filter(pk=one.pk).update(pinned_at=now, pinned_until=now + timedelta(days=3))
    assert find_purge_time(paul, find_policy(paul)) == now + timedelta(days=3)
    assert request_purges(now=now) == []
    Backup.objects.filter(pk=one.pk).update(pinned_until=None)
    assert find_purge_time(paul, find_policy(paul)) is None and request_purges(now=now) == []
    Backup.objects.filter(pk=one.pk).update(pinned_at=None)
    monkeypatch.setattr(holders, "_holders", [lambda _names: {one.backup_id: "a copy"}])
    assert request_purges(now=now) == []
    monkeypatch.setattr(holders, "_holders", [])
    settings.PRUNING = False
    assert request_purges(now=now) == []
    settings.PRUNING = True
    assert request_purges(now=now) == ["saint-paul"]
