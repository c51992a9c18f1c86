"""recovery.fleet: what is lost is looked up, comes back in waves, and is asked for once whatever is killed."""

from pathlib import Path

import pytest
from django.utils import timezone

from backups.models import BackupPolicy
from backups.policies import choose_policy, create_policy
from domain.states import InstanceState, OperationKind
from engine.registry import register_engine
from operations.models import Operation
from operations.runner import run_operation
from recovery.fleet import advance, begin, find_lost, list_open, select_turn
from recovery.mapping import Mapping
from recovery.models import RecoveredInstance, RecoveryState
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("engine")]


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    """An engine on which nothing is."""
    fake = FakeEngine(tmp_path / "engine")
    fake.nodes = ()
    register_engine("fake", lambda: fake)
    return fake


def step(mapping: Mapping | None = None) -> None:
    """Advance each one whose turn it is, and work on its operation to the end."""
    for row in select_turn(list_open(), at_most=1):
        advance(row, mapping or Mapping(), requested_by="test", now=timezone.now())
        operation = Operation.objects.filter(public_id=row.operation).first()
        for _number in range(200):
            if operation is None or operation.ended_at:
                break
            Operation.objects.filter(pk=operation.pk).update(next_run_at=None)
            run_operation(operation.public_id, clock=timezone.now)
            operation.refresh_from_db()


def test_only_what_is_gone_is_lost(engine: FakeEngine) -> None:
    make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    make_instance_row("sainte-marie", state=InstanceState.ACTIVE)
    make_instance_row("saint-luc", state=InstanceState.DELETED)
    engine.set_up("sainte-marie")
    lost, silent = find_lost(Mapping())
    assert [one.instance.identifier for one in lost] == ["saint-paul"] and silent == []


def test_an_engine_that_does_not_answer_says_nothing_unless_it_is_mapped() -> None:
    make_instance_row("saint-paul", state=InstanceState.ACTIVE, engine="strasbourg")
    assert find_lost(Mapping()) == ([], ["strasbourg"])
    lost, silent = find_lost(Mapping(engines={"strasbourg": "fake"}))
    assert [one.instance.identifier for one in lost] == ["saint-paul"] and silent == []


def test_a_lost_instance_is_made_again_elsewhere() -> None:
    make_instance_row("saint-paul", state=InstanceState.ACTIVE, engine="strasbourg")
    mapping = Mapping(engines={"strasbourg": "fake"}, domains={"example.org": "new.example"})
    begin(find_lost(mapping)[0])
    step(mapping)
    step(mapping)
    row, paul = RecoveredInstance.objects.get(), Instance.objects.get()
    assert row.state == RecoveryState.BACK and row.ended_at is not None
    assert (paul.state, paul.engine, paul.host) == ("active", "fake", "www.saint-paul.new.example")


def test_a_command_that_was_killed_asks_for_the_same_operation_again() -> None:
    make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    begin(find_lost(Mapping())[0])
    (row,) = list_open()
    advance(row, Mapping(), requested_by="test", now=timezone.now())
    first = row.operation
    # Killed before it was noted: the row still waits.
    RecoveredInstance.objects.update(state=RecoveryState.WAITING, operation="")
    (row,) = list_open()
    advance(row, Mapping(), requested_by="test", now=timezone.now())
    assert Operation.objects.filter(kind=OperationKind.PROVISION).count() == 1
    step()
    begin(find_lost(Mapping())[0])
    assert RecoveredInstance.objects.count() == 1 and first


def test_a_failure_is_kept_with_its_reason(engine: FakeEngine) -> None:
    make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    engine.fail("saint-paul", "run_job init", times=9, code="told")
    begin(find_lost(Mapping())[0])
    step()
    step()
    row = RecoveredInstance.objects.get()
    assert row.state == RecoveryState.FAILED and row.error_code


HOURS = {"low": 900, "medium": 200}


def make_policy(name: str, *, critical_hours: int) -> BackupPolicy:
    values = {"name": name, "label": "x", "keep_last": 1, "warning_hours": 100, "critical_hours": critical_hours}
    return create_policy(values, requested_by="test")


def test_those_whose_policy_waits_least_come_back_first_and_sandboxes_last() -> None:
    for slug, policy in (("saint-luc", "low"), ("saint-paul", ""), ("sainte-marie", "medium"), ("saint-marc", "")):
        row = make_instance_row(slug, state=InstanceState.ACTIVE)
        if policy:
            choose_policy(row, make_policy(policy, critical_hours=HOURS[policy]), requested_by="test")
    paul = Instance.objects.get(identifier="saint-paul")
    paul.pk, paul.kind, paul.identifier, paul.host = None, "sandbox", "saint-paul-sandbox", "sandbox.example.org"
    paul.save()
    lost, _silent = find_lost(Mapping())
    assert [(one.instance.identifier, one.wave) for one in lost] == [
        ("saint-marc", 1),
        ("saint-paul", 1),
        ("sainte-marie", 2),
        ("saint-luc", 3),
        ("saint-paul-sandbox", 4),
    ]
    (alone,), _silent = find_lost(Mapping(), only=["saint-luc"])
    assert alone.wave == 3, "the same, whatever else is asked for"


def test_the_first_wave_ends_before_the_second_begins() -> None:
    def make(pk: int, wave: int, state: RecoveryState) -> RecoveredInstance:
        return RecoveredInstance(pk=pk, wave=wave, state=state)

    one, two = make(1, 1, RecoveryState.RESTORING), make(2, 1, RecoveryState.WAITING)
    three, four = make(3, 1, RecoveryState.WAITING), make(4, 2, RecoveryState.WAITING)
    assert select_turn([one, two, three, four], at_most=2) == [one, two]
    assert select_turn([four], at_most=2) == [four]
    assert select_turn([], at_most=2) == []
