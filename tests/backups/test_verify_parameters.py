"""What a verification accepts: one set that is kept, or all good ones."""

import pytest

from backups.models import BackupReason, BackupState
from backups.verify_parameters import describe_verify, is_kept, offer_backups, validate_verify
from domain.errors import CiviparoisseError, InvalidValue
from domain.states import OperationKind
from tests.backups.conftest import Begin, MakeInstance
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_good_sets_are_read_unless_one_is_named(make_instance: MakeInstance) -> None:
    instance = make_instance()
    old = make_backup_row(instance, hours_ago=3, stored_bytes=1)
    new = make_backup_row(instance, hours_ago=1, stored_bytes=1)
    bad = make_backup_row(instance, hours_ago=2, state=BackupState.FAILED, stored_bytes=1)
    assert validate_verify(instance, {}) == {"backup_ids": [new.backup_id, old.backup_id]}
    named = validate_verify(instance, {"backup": bad.backup_id})
    assert named == {"backup": bad.backup_id, "backup_ids": [bad.backup_id]}
    assert [name for name, _label in offer_backups(instance)] == [new.backup_id, bad.backup_id, old.backup_id]
    sentences = describe_verify(instance, named)
    assert bad.backup_id in sentences[0] and len(sentences) == 3


def test_only_what_is_on_the_volume_can_be_named(make_instance: MakeInstance, begin: Begin) -> None:
    instance, other = make_instance(), make_instance("sainte-marie")
    under_way = make_backup_row(
        instance, state=BackupState.RUNNING, operation=begin(OperationKind.BACKUP, instance), stored_bytes=None
    )
    by_itself = make_backup_row(instance, state=BackupState.RUNNING, reason=BackupReason.SCHEDULED)
    never = make_backup_row(instance, state=BackupState.FAILED)
    gone = make_backup_row(instance, state=BackupState.DELETED, stored_bytes=1)
    theirs = make_backup_row(other, stored_bytes=1)
    assert [is_kept(row) for row in (under_way, by_itself, never, gone)] == [False, True, False, False]
    for row in (under_way, never, gone, theirs):
        with pytest.raises(InvalidValue) as refused:
            validate_verify(instance, {"backup": row.backup_id})
        assert refused.value.params["field"] == "backup"
    assert validate_verify(instance, {"backup": by_itself.backup_id})["backup_ids"] == [by_itself.backup_id]
    with pytest.raises(CiviparoisseError) as nothing:
        validate_verify(instance, {})
    assert nothing.value.code == "nothing_to_verify"


def test_a_set_that_is_being_removed_is_not_read(engine: FakeEngine, make_instance: MakeInstance, begin: Begin) -> None:
    instance = make_instance()
    old, new = (make_backup_row(instance, hours_ago=hours, stored_bytes=1) for hours in (2, 1))
    assert engine and new
    begin(OperationKind.PRUNE, instance, backup_ids=[old.backup_id], confirm="saint-paul")
    with pytest.raises(CiviparoisseError) as refused:
        validate_verify(instance, {"backup": old.backup_id})
    assert refused.value.code == "backup_leaving"
    assert validate_verify(instance, {})["backup_ids"] == [new.backup_id], "the others are"
