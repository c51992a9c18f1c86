"""Undo: the safety copy of the newest restore, for fourteen days, approved as every other request."""

from typing import Any

import pytest
from django.utils import timezone

from backups.models import Backup, BackupState
from domain.errors import CiviparoisseError
from domain.parish_requests import RequestScope, RequestState
from domain.states import OperationKind
from operations.models import Operation
from operations.requests import request_operation
from parish_requests.actors import MANAGER, make_contact_actor, make_staff_actor
from parish_requests.asking import withdraw_request
from parish_requests.models import ParishContact, RestoreRequest
from parish_requests.record import find_record_break
from parish_requests.running import advance_requests
from parish_requests.undoing import find_undo, request_undo
from tenants.models import Instance
from tests.operations.conftest import Finish
from tests.parish_requests.cast import DAY, approve, list_lines, make_approved, make_contact, make_person

pytestmark = pytest.mark.django_db

BackedUp = tuple[Instance, str]


def advance(request: RestoreRequest) -> RestoreRequest:
    advance_requests(now=timezone.now())
    return RestoreRequest.objects.get(pk=request.pk)


def run(request: RestoreRequest, finish: Finish) -> RestoreRequest:
    """Have an approved request done."""
    request = advance(request)
    assert request.operation is not None
    finish(request.operation)
    return advance(request)


@pytest.fixture
def restored(backed_up: BackedUp, finish: Finish) -> RestoreRequest:
    """A restore that Jeanne asked for, done."""
    return run(make_approved(backed_up[0]), finish)


def ask_undo(subject: RestoreRequest | Operation, **values: Any) -> RestoreRequest:
    jeanne = ParishContact.objects.first() or make_contact(Instance.objects.get().tenant)
    given = {"actor": make_contact_actor(jeanne), "contact": jeanne, "now": timezone.now()}
    return request_undo(subject, **(given | values))


def approve_by_all(request: RestoreRequest) -> RestoreRequest:
    for number in range(request.approvals_needed):
        approve(request, make_person(f"anne-{number}-{request.pk}"))
    return request


def test_a_restore_is_undone_and_that_again(restored: RestoreRequest, finish: Finish) -> None:
    offer = find_undo(restored)
    assert offer is not None and restored.operation is not None and restored.operation.ended_at is not None
    assert (offer.request, offer.operation, offer.safety) == (restored, restored.operation, restored.safety_backup)
    assert (offer.scope, offer.part) == (RequestScope.EVERYTHING, "")
    assert offer.until == restored.operation.ended_at + 14 * DAY
    undo = ask_undo(restored)
    assert (undo.wish, undo.state, undo.undoes, undo.backup) == ("undo", "submitted", restored, offer.safety)
    assert undo.preview != {}, "it says itself what was entered since"
    undo = run(approve_by_all(undo), finish)
    restored.refresh_from_db()
    assert (undo.state, restored.state) == (RequestState.DONE, RequestState.UNDONE)
    assert list_lines(restored)[-1] == "undo" and find_record_break(restored) is None
    assert undo.operation is not None and undo.operation.parameters["backup_id"] == offer.safety.backup_id
    assert find_undo(restored) is None
    back = find_undo(undo)
    assert back is not None and back.safety == undo.safety_backup, "an undo has a safety copy of its own"


def test_a_restore_from_anywhere_is_undone(backed_up: BackedUp, finish: Finish) -> None:
    instance, backup_id = backed_up
    asked = {"backup_id": backup_id, "confirm": instance.identifier}
    operation = finish(request_operation(kind="restore", instance=instance, requested_by="marc", parameters=asked))
    offer = find_undo(operation)
    assert offer is not None and offer.request is None
    undo = ask_undo(operation, actor=make_staff_actor("marc"), contact=None, channel="par téléphone", is_draft=True)
    assert (undo.state, undo.undoes, undo.entered_by, undo.channel) == ("draft", None, "marc", "par téléphone")
    other = ask_undo(operation, actor=make_staff_actor("marc"), contact=None)
    assert other.state == "submitted" and other.channel != ""


def test_a_part_is_undone_as_that_part(backed_up: BackedUp, finish: Finish) -> None:
    request = make_approved(backed_up[0], scope="part", part="sites/default/files/photo.jpg")
    offer = find_undo(run(request, finish))
    assert offer is not None
    assert (offer.scope, offer.part) == (RequestScope.PART, "sites/default/files/photo.jpg")
    undo = ask_undo(offer.operation)
    assert (undo.scope, undo.part) == ("part", "sites/default/files/photo.jpg")


def over(subject: RestoreRequest | Operation, **values: Any) -> None:
    assert find_undo(subject, **values) is None
    with pytest.raises(CiviparoisseError) as refused:
        ask_undo(subject, **({"now": values["now"]} if values else {}))
    assert refused.value.code == "request_undo_over"


def test_it_is_offered_for_fourteen_days(restored: RestoreRequest) -> None:
    assert restored.operation is not None and restored.operation.ended_at is not None
    end = restored.operation.ended_at + 14 * DAY
    assert find_undo(restored, now=end) is not None
    over(restored, now=end + DAY / 24)


def test_it_is_asked_for_once_at_a_time(restored: RestoreRequest) -> None:
    undo = ask_undo(restored)
    over(restored)
    assert restored.operation is not None
    over(restored.operation)
    withdraw_request(undo, actor=MANAGER, now=timezone.now())
    assert find_undo(restored) is not None


def test_a_later_restore_ends_the_offer(restored: RestoreRequest, finish: Finish) -> None:
    instance = Instance.objects.get(identifier="saint-paul")
    backup = Backup.objects.filter(reason="requested").latest("pk")
    asked = {"backup_id": backup.backup_id, "confirm": instance.identifier}
    finish(request_operation(kind="restore", instance=instance, requested_by="marc", parameters=asked))
    over(restored)


def test_without_its_safety_copy_nothing_is_undone(restored: RestoreRequest) -> None:
    Backup.objects.filter(reason="safety").update(state=BackupState.DELETED)
    over(restored)


def test_what_was_no_restore_or_did_not_succeed_is_not_undone(backed_up: BackedUp, finish: Finish) -> None:
    backup = run(make_approved(backed_up[0], wish="backup"), finish)
    over(backup)
    waiting = make_approved(backed_up[0])
    over(waiting)
    Operation.objects.update(kind=OperationKind.RESTORE)
    over(Operation.objects.latest("pk"))
