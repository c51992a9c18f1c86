"""Pins: who may, until when, and what is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backups.models import BackupState, PinEvent
from backups.pins import pin_backup, unpin_backup
from backups.selectors import list_held_sets
from domain.errors import CiviparoisseError, InvalidValue
from domain.states import InstanceState
from operations.requests import request_operation
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_a_pinned_set_is_kept_until_it_is_unpinned() -> None:
    backup, now = make_backup_row(make_instance_row(), stored_bytes=1), timezone.now()
    pinned = pin_backup(backup, reason=" before the move ", until=None, requested_by="cli:x", now=now)
    assert (pinned.pin_reason, pinned.pinned_by, pinned.pinned_at) == ("before the move", "cli:x", now)
    assert list_held_sets(backup.instance)[0].pinned
    unpinned = unpin_backup(pinned, requested_by="cli:y")
    assert (unpinned.pinned_at, unpinned.pin_reason, unpinned.pinned_by) == (None, "", "")
    assert not list_held_sets(backup.instance)[0].pinned
    unpin_backup(unpinned, requested_by="cli:z")
    told = [(event.is_pin, event.by, event.reason) for event in PinEvent.objects.order_by("pk")]
    assert told == [(True, "cli:x", "before the move"), (False, "cli:y", "")], "each is kept, and nothing else"


def test_what_makes_no_sense_is_refused() -> None:
    paul, now = make_instance_row(state=InstanceState.ACTIVE), timezone.now()
    backup = make_backup_row(paul, hours_ago=50, stored_bytes=1)
    for values in ({"reason": " "}, {"reason": "x" * 201}, {"reason": "a\nb"}, {"reason": "x", "until": now}):
        with pytest.raises(InvalidValue):
            pin_backup(backup, requested_by="x", now=now, **values)  # type: ignore[arg-type]
    failed = make_backup_row(paul, state=BackupState.FAILED)
    with pytest.raises(CiviparoisseError) as refused:
        pin_backup(failed, reason="x", requested_by="x", now=now)
    assert refused.value.code == "backup_not_good"
    make_backup_row(paul, stored_bytes=1)
    asked = {"backup_ids": [backup.backup_id], "confirm": "saint-paul"}
    request_operation(kind="prune", instance=paul, requested_by="x", parameters=asked)
    with pytest.raises(CiviparoisseError) as refused:
        pin_backup(backup, reason="x", until=now + timedelta(days=1), requested_by="x", now=now)
    assert refused.value.code == "backup_leaving"
