"""Who reads a set: operations under way of whatever kind, those that took it, and what other apps register."""

from collections.abc import Collection

import pytest

from backups import holders
from backups.holders import list_holders, register_holder
from domain.states import InstanceState
from operations.requests import request_operation
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_a_set_is_held_as_long_as_the_operation_that_reads_it() -> None:
    paul = make_instance_row(state=InstanceState.ACTIVE)
    old, young = make_backup_row(paul, hours_ago=9), make_backup_row(paul)
    asked = {"backup_id": old.backup_id, "confirm": "saint-paul"}
    restore = request_operation(kind="restore", instance=paul, requested_by="test", parameters=asked)
    assert list_holders({old.backup_id, young.backup_id}) == {old.backup_id: (restore.public_id,)}
    young.operation = restore
    young.save()
    assert list_holders([young.backup_id]) == {young.backup_id: (restore.public_id,)}
    paul.operations.update(state="succeeded", lock=None)
    assert list_holders([old.backup_id, young.backup_id]) == {}


def test_another_app_holds_what_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holders, "_holders", [])

    def holder(backup_ids: Collection[str]) -> dict[str, str]:
        assert "free" in backup_ids
        return {"copied": "copy-1", "of another instance": "copy-2"}

    register_holder(holder)
    register_holder(holder)
    assert list_holders(["copied", "free"]) == {"copied": ("copy-1",)}
