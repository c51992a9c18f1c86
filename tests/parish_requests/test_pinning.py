"""Sets that requests need are removed by nobody; safety copies are kept for thirty days."""

import pytest
from django.utils import timezone

from backups.holders import list_holders
from backups.models import Backup, BackupReason, BackupState
from backups.pins import pin_backup
from domain.errors import CiviparoisseError
from operations.models import Operation
from operations.requests import request_operation
from parish_requests.actors import MANAGER
from parish_requests.asking import withdraw_request
from parish_requests.models import RestoreRequest
from parish_requests.pinning import find_requested, keep_safety_copy
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.parish_requests.cast import DAY, make_draft, make_parish

pytestmark = pytest.mark.django_db


def make_restore(instance: Instance, safety: Backup | None, **values: object) -> Operation:
    data = {"safety_backup_id": safety.backup_id} if safety else {}
    return Operation.objects.create(kind="restore", instance=instance, subject="saint-paul", data=data, **values)


def test_the_moment_of_an_open_request_is_held_and_no_longer() -> None:
    instance = make_parish()
    request, other = make_draft(instance), make_backup_row(instance, stored_bytes=1000)
    assert request.backup is not None
    names = [request.backup.backup_id, other.backup_id]
    assert list_holders(names) == {request.backup.backup_id: (f"request {request.reference}",)}
    asked = {"backup_ids": names[:1], "confirm": instance.identifier}
    with pytest.raises(CiviparoisseError):
        request_operation(kind="prune", instance=instance, requested_by="test", parameters=asked)
    withdraw_request(request, actor=MANAGER, now=timezone.now())
    assert list_holders(names) == {}
    assert request_operation(kind="prune", instance=instance, requested_by="test", parameters=asked).state == "queued"


def test_the_safety_copy_of_a_restore_under_way_is_held() -> None:
    instance = make_parish()
    request, safety = make_draft(instance), make_backup_row(instance, reason=BackupReason.SAFETY)
    operation = make_restore(instance, safety)
    RestoreRequest.objects.filter(pk=request.pk).update(state="running", operation=operation)
    assert find_requested([safety.backup_id]) == {safety.backup_id: f"request {request.reference}"}
    RestoreRequest.objects.update(state="done")
    assert find_requested([safety.backup_id]) == {}


def test_a_safety_copy_is_pinned_from_the_end_of_the_restore() -> None:
    instance, now = make_parish(), timezone.now()
    request, safety = make_draft(instance), make_backup_row(instance, reason=BackupReason.SAFETY)
    operation = make_restore(instance, safety, ended_at=now - DAY)
    assert keep_safety_copy(request, operation, now=now) == safety
    safety.refresh_from_db()
    assert safety.pinned_until == now + 29 * DAY and request.reference in safety.pin_reason
    keep_safety_copy(request, operation, now=now)
    assert safety.pin_events.count() == 1, "pinned once"


def test_a_longer_pin_stays() -> None:
    instance, now = make_parish(), timezone.now()
    request, safety = make_draft(instance), make_backup_row(instance, reason=BackupReason.SAFETY)
    pin_backup(safety, reason="for ever", requested_by="marc", now=now)
    keep_safety_copy(request, make_restore(instance, safety, ended_at=now), now=now)
    safety.refresh_from_db()
    assert (safety.pinned_until, safety.pin_reason) == (None, "for ever")


def test_without_a_good_copy_there_is_nothing_to_keep() -> None:
    instance, now = make_parish(), timezone.now()
    request = make_draft(instance)
    assert keep_safety_copy(request, make_restore(instance, None, ended_at=now), now=now) is None
    failed = make_backup_row(instance, reason=BackupReason.SAFETY, state=BackupState.FAILED)
    assert keep_safety_copy(request, make_restore(instance, failed, ended_at=now), now=now) is None
