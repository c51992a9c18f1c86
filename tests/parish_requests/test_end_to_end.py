"""The whole path over a real site: asked, approved, restored, undone; every file and row compared."""

import pytest
from django.utils import timezone

from domain.parish_requests import RequestState
from domain.states import OperationKind
from parish_requests.actors import make_contact_actor
from parish_requests.models import RestoreRequest
from parish_requests.record import find_record_break
from parish_requests.running import advance_requests
from parish_requests.undoing import request_undo
from tests.backups.parishes import Parishes
from tests.backups.parishes import finish as work_on
from tests.parish_requests.cast import approve, make_approved, make_contact, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


def have_done(request: RestoreRequest) -> RestoreRequest:
    """Let the clock begin an approved request, a worker do it, and the clock note its end."""
    advance_requests(now=timezone.now())
    request.refresh_from_db()
    assert request.state == RequestState.RUNNING and request.operation is not None
    work_on(request.operation)
    advance_requests(now=timezone.now())
    return RestoreRequest.objects.get(pk=request.pk)


def test_what_was_lost_comes_back_and_an_undo_brings_back_what_was_entered(parishes: Parishes) -> None:
    paul = parishes.get()
    jeanne = make_contact(paul.tenant)
    parishes.run(OperationKind.BACKUP, paul)
    saved = parishes.read(paul)
    parishes.execute(paul, "DELETE FROM civicrm.civicrm_email")
    parishes.write_file(paul, "files/entered later é.txt", b"entered later")
    later = parishes.read(paul)
    assert later != saved
    request = have_done(make_approved(paul))
    assert request.state == RequestState.DONE and request.safety_backup is not None, request.error_params
    assert parishes.read(paul) == saved
    undo = request_undo(request, actor=make_contact_actor(jeanne), contact=jeanne, now=timezone.now())
    for number in range(undo.approvals_needed):
        approve(undo, make_person(f"anne-{number}"))
    undo = have_done(undo)
    request.refresh_from_db()
    assert (undo.state, request.state) == (RequestState.DONE, RequestState.UNDONE), undo.error_params
    assert parishes.read(paul) == later
    assert find_record_break(request) is None and find_record_break(undo) is None
