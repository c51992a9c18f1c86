"""What an instance's data lay on is gone: told on its row, its sets are good no longer, nothing is made again empty."""

from datetime import UTC, datetime

import pytest

from backups.models import Backup, BackupState
from domain.errors import CiviparoisseError
from domain.fleet import ObservedFleet
from domain.specs import ALL_COMPONENTS, ObservedInstance
from domain.states import InstanceState, OperationKind
from operations.losses import SETTLED, find_loss, is_made, listen_to_losses, make_loss, record_loss
from operations.models import Operation
from operations.registry import get_kind
from operations.requests import request_operation
from operations.upkeep import restart_fallen_instances
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
LEFT, GONE = "20261101T000000Z-5f3a9c", "20261102T000000Z-5f3a9c"


def make_fleet(**seen: object) -> ObservedFleet:
    """Return a fleet with Saint-Paul as it is seen; nothing of it without anything."""
    there = ObservedInstance(identifier="saint-paul", **{"exists": True, "manager": "", **seen})  # type: ignore[arg-type]
    return ObservedFleet(at=NOW, instances={"saint-paul": there} if seen else {})


def test_what_is_gone_is_named() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    assert find_loss(instance, make_fleet(initialised=True)) is None
    for fleet, code, missing in (
        (make_fleet(), "instance_lost", "everything"),
        (make_fleet(exists=False), "instance_lost", "everything"),
        (make_fleet(manager=None, remains=("volume pv-1 (Released)",)), "instance_lost", "everything"),
        (make_fleet(missing=("claim dbvolclaim",)), "instance_lost", "claim dbvolclaim"),
        (make_fleet(manager="them"), "namespace_foreign", None),
    ):
        found = find_loss(instance, fleet)
        assert found is not None and (found.code, found.params.get("missing")) == (code, missing)


@pytest.mark.parametrize("state", sorted(SETTLED))
def test_the_clock_tells_it_and_makes_nothing(engine: FakeEngine, state: str) -> None:
    instance = make_instance_row(state=InstanceState(state))
    for backup_id in (LEFT, GONE):
        Backup.objects.create(backup_id=backup_id, instance=instance, state=BackupState.GOOD.value, reason="requested")
    assert restart_fallen_instances(now=NOW) == []
    instance.refresh_from_db()
    assert (instance.state, instance.error_code) == ("failed", "instance_lost")
    assert {row.state for row in Backup.objects.all()} == {"failed"} and not Operation.objects.exists()
    assert Backup.objects.get(backup_id=GONE).error_code == "backup_missing"
    assert engine.list_effects("saint-paul") == [] and not engine.observe("saint-paul").exists
    hint = CiviparoisseError(instance.error_code, **instance.error_params).hint
    assert "instance_provision saint-paul" in hint and "instance_delete saint-paul" in hint


def test_sets_that_are_still_there_stay_good() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    Backup.objects.create(backup_id=LEFT, instance=instance, state=BackupState.GOOD.value, reason="requested")
    Backup.objects.create(backup_id=GONE, instance=instance, state=BackupState.GOOD.value, reason="requested")
    seen = ObservedInstance(identifier="saint-paul", exists=True, backup_ids=(LEFT,))
    assert record_loss(instance, make_loss("saint-paul", ("claim dbvolclaim",)), seen)
    assert dict(Backup.objects.values_list("backup_id", "state")) == {LEFT: "good", GONE: "failed"}


def test_what_an_operation_holds_is_not_judged(engine: FakeEngine) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    request_operation(kind=OperationKind.SUSPEND, instance=instance, requested_by="test")
    nothing = ObservedInstance(identifier="saint-paul", exists=False)
    assert not record_loss(instance, make_loss("saint-paul", ("everything",)), nothing)
    assert Instance.objects.get().state == InstanceState.SUSPENDING


def test_a_provisioning_may_make_it_again_and_nothing_else(engine: FakeEngine) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    instance = make_instance_row(state=InstanceState.ACTIVE)
    operation = request_operation(kind=OperationKind.RESUME, instance=instance, requested_by="test")
    assert is_made(instance, operation, get_kind(OperationKind.RESUME))
    assert not is_made(instance, operation, get_kind(OperationKind.PROVISION))


def test_a_listener_is_registered_once() -> None:
    def listen(instance: Instance, *, backup_ids: tuple[str, ...]) -> None:
        del instance, backup_ids

    from operations import losses

    before = list(losses._listeners)
    try:
        listen_to_losses(listen)
        listen_to_losses(listen)
        assert losses._listeners == [*before, listen]
    finally:
        losses._listeners[:] = before
