"""What backup_check is told of rows and volumes."""

import pytest
from django.utils import timezone, translation

from backups.facts import get_facts, list_freshness
from backups.freshness import Level
from backups.models import Backup, BackupReason, BackupState
from domain.errors import NotFound
from domain.room import ObservedRoom
from domain.states import InstanceState, OperationKind
from tenants.models import Instance
from tests.backups.conftest import Begin, MakeInstance
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine
from tests.operations.conftest import Finish
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_last_good_backup_is_looked_for_on_its_volume(engine: FakeEngine, backed_up: tuple[Instance, str]) -> None:
    instance, backup_id = backed_up
    facts = get_facts(instance, fleet=engine.observe_fleet())
    assert facts.good_at == Backup.objects.get(backup_id=backup_id).started_at
    assert (facts.on_volume, facts.good_bytes, facts.earlier_bytes) == (True, 1000, [])
    assert get_facts(instance, fleet=None).on_volume is None
    engine.lose_set("saint-paul", backup_id)
    assert get_facts(instance, fleet=engine.observe_fleet()).on_volume is False
    engine.delete("saint-paul", keep_backups=False)
    assert get_facts(instance, fleet=engine.observe_fleet()).on_volume is False


def test_a_cancelled_backup_and_a_safety_backup_did_not_fail(make_instance: MakeInstance) -> None:
    instance = make_instance()
    make_backup_row(instance, state=BackupState.FAILED, error_code="operation_cancelled")
    make_backup_row(instance, state=BackupState.FAILED, error_code="job_lost", reason=BackupReason.SAFETY)
    assert get_facts(instance, fleet=None).failed_at is None
    failed = make_backup_row(instance, state=BackupState.FAILED, error_code="job_lost")
    assert get_facts(instance, fleet=None).failed_at == failed.started_at


def test_a_failed_backup_says_why(make_instance: MakeInstance) -> None:
    instance = make_instance()
    full = {"code": "no_space", "message": "no space left while writing civicrm.sql.gz", "instance": "saint-paul"}
    make_backup_row(instance, state=BackupState.FAILED, error_code="program_failed", error_params=full)
    with translation.override("en"):
        ((_slug, freshness),) = list_freshness(now=timezone.now())
        assert freshness.reasons[0] == "never backed up; the last backup failed: there is not enough room"
        make_backup_row(instance, hours_ago=2)
        ((_slug, freshness),) = list_freshness(now=timezone.now())
        assert "the last backup failed: there is not enough room" in freshness.reasons
    assert freshness.level is Level.CRITICAL


def test_an_engine_that_does_not_answer_is_named_and_hides_no_other(
    make_instance: MakeInstance, begin: Begin, finish: Finish
) -> None:
    finish(begin(OperationKind.BACKUP, make_instance()))
    away = make_instance_row("saint-jean", state=InstanceState.ACTIVE, engine="nowhere")
    make_backup_row(away)
    with translation.override("en"):
        found = dict(list_freshness(now=timezone.now()))
    assert (found["saint-paul"].level, found["saint-jean"].level) == (Level.OK, Level.UNKNOWN)
    assert "the engine nowhere did not answer" in found["saint-jean"].reasons


def test_each_engine_is_looked_at_once(engine: FakeEngine, make_instance: MakeInstance) -> None:
    for slug in ("saint-paul", "sainte-marie", "saint-jean"):
        make_backup_row(make_instance(slug))
    list_freshness(now=timezone.now())
    assert [engine.list_calls(slug) for slug in ("saint-paul", "sainte-marie", "saint-jean")] == [[], [], []]


def test_every_production_with_data_is_told_of(make_instance: MakeInstance, begin: Begin, finish: Finish) -> None:
    finish(begin(OperationKind.BACKUP, make_instance()))
    make_instance("sainte-marie")
    make_instance_row("saint-jean", state=InstanceState.NEW)
    found = list_freshness(now=timezone.now())
    assert [(slug, freshness.level) for slug, freshness in found] == [
        ("saint-paul", Level.OK),
        ("sainte-marie", Level.UNKNOWN),
    ]
    assert [slug for slug, _freshness in list_freshness(tenant="saint-paul", now=timezone.now())] == ["saint-paul"]
    with pytest.raises(NotFound):
        list_freshness(tenant="nobody", now=timezone.now())


def test_a_volume_that_fills_up_is_told_beside_the_backups(engine: FakeEngine, backed_up: tuple[Instance, str]) -> None:
    instance, _backup_id = backed_up

    def look(percent: int, write_error: str = "") -> tuple[Level, str]:
        room = ObservedRoom(at=timezone.now(), percents={"db": percent}, write_error=write_error)
        engine.rooms[instance.identifier] = room
        with translation.override("en"):
            freshness = dict(list_freshness(now=timezone.now()))["saint-paul"]
        return freshness.level, freshness.reasons[-1]

    assert look(84)[0] is Level.OK
    assert look(85) == (Level.WARNING, "The database volume of saint-paul is used to 85 %.")
    assert look(95) == (Level.CRITICAL, "The database volume of saint-paul is full to 95 %.")
    level, reason = look(50, "The table is full")
    assert level is Level.CRITICAL and reason.startswith("The database of saint-paul takes no new row")
