"""What backup_check is told of rows and volumes."""

import pytest
from django.utils import timezone

from backups.facts import get_facts, list_freshness
from backups.freshness import Level
from backups.models import Backup, BackupReason, BackupState
from domain.errors import NotFound
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
    facts = get_facts(instance)
    assert facts.good_at == Backup.objects.get(backup_id=backup_id).started_at
    assert (facts.on_volume, facts.good_bytes, facts.earlier_bytes) == (True, 1000, [])
    engine.fail("saint-paul", "observe", times=1)
    assert get_facts(instance).on_volume is None
    engine.lose_set("saint-paul", backup_id)
    assert get_facts(instance).on_volume is False


def test_a_cancelled_backup_and_a_safety_backup_did_not_fail(make_instance: MakeInstance) -> None:
    instance = make_instance()
    make_backup_row(instance, state=BackupState.FAILED, error_code="operation_cancelled")
    make_backup_row(instance, state=BackupState.FAILED, error_code="job_lost", reason=BackupReason.SAFETY)
    assert get_facts(instance).failed_at is None
    failed = make_backup_row(instance, state=BackupState.FAILED, error_code="job_lost")
    assert get_facts(instance).failed_at == failed.started_at


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
