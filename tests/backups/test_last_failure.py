"""The last backup that failed is told until a good one comes."""

import pytest

from backups.last_failure import find_last_failures
from backups.models import Backup, BackupReason, BackupScope, BackupState
from domain.states import InstanceState
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def fail(slug: str = "saint-paul", *, hours_ago: float = 1, **values: object) -> Backup:
    instance = make_instance_row(slug, state=InstanceState.ACTIVE)
    return make_backup_row(
        instance, hours_ago=hours_ago, **{"state": BackupState.FAILED, "error_code": "job_lost", **values}
    )


def test_the_last_one_of_each_is_found() -> None:
    first = fail(hours_ago=3)
    last = make_backup_row(first.instance, hours_ago=2, state=BackupState.FAILED, error_code="job_lost")
    other = fail("sainte-marie")
    keys = [first.instance_id, other.instance_id]
    assert find_last_failures(keys) == {first.instance_id: last, other.instance_id: other}
    assert find_last_failures([other.instance_id]) == {other.instance_id: other}
    assert find_last_failures([]) == {}


def test_a_later_good_one_ends_it_and_an_earlier_one_does_not() -> None:
    failed = fail()
    make_backup_row(failed.instance, hours_ago=2)
    assert find_last_failures([failed.instance_id])
    make_backup_row(failed.instance, hours_ago=0.5, scope=BackupScope.DATABASE)
    assert find_last_failures([failed.instance_id])  # nothing could be rebuilt from a part
    make_backup_row(failed.instance, hours_ago=0.5)
    assert not find_last_failures([failed.instance_id])


def test_what_a_person_cancelled_and_a_safety_copy_are_none() -> None:
    failed = fail(error_code="operation_cancelled")
    make_backup_row(failed.instance, state=BackupState.FAILED, error_code="job_lost", reason=BackupReason.SAFETY)
    assert not find_last_failures([failed.instance_id])
