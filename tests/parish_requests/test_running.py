"""Approved requests are done by ordinary operations: begun once, followed, ended; what changed is approved anew."""

from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from backups.models import Backup
from domain.parish_requests import Move, RequestState
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from operations.requests import request_cancel, request_operation
from parish_requests import reconsidering
from parish_requests.actors import MANAGER
from parish_requests.asking import withdraw_request
from parish_requests.deciding import retry_request
from parish_requests.models import RestoreRequest
from parish_requests.moves import move_request
from parish_requests.record import find_record_break
from parish_requests.running import advance_requests, make_key, start_request
from tenants.models import Instance
from tests.operations.conftest import Finish
from tests.parish_requests.cast import (
    DAY,
    HOUR,
    approve,
    list_lines,
    list_operations_of,
    make_approved,
    make_person,
    make_sent,
    make_staff,
)

pytestmark = pytest.mark.django_db

BackedUp = tuple[Instance, str]


def advance(request: RestoreRequest, **later: Any) -> RestoreRequest:
    advance_requests(now=later.get("now") or timezone.now())
    return RestoreRequest.objects.get(pk=request.pk)


def test_an_approved_restore_runs_and_its_safety_copy_is_kept(backed_up: BackedUp, finish: Finish) -> None:
    instance, backup_id = backed_up
    request = advance(make_approved(instance))
    operation = request.operation
    assert request.state == RequestState.RUNNING and operation is not None
    asked = {name: operation.parameters[name] for name in ("backup_id", "scope", "safety_backup")}
    assert asked == {"backup_id": backup_id, "scope": "full", "safety_backup": True}
    assert operation.requested_by == f"request {request.reference}"
    assert advance(request).state == RequestState.RUNNING, "it is still at work"
    assert finish(operation).state == OperationState.SUCCEEDED
    request = advance(request)
    safety = Backup.objects.get(backup_id=operation.data["safety_backup_id"])
    assert (request.state, request.safety_backup) == (RequestState.DONE, safety)
    assert safety.pinned_until is not None and operation.ended_at is not None
    assert safety.pinned_until - operation.ended_at == 30 * DAY
    assert request.ended_at is not None and request.error_code == ""
    assert list_lines(request)[-2:] == ["start", "finish"] and find_record_break(request) is None
    assert advance(request).state == RequestState.DONE and len(list_operations_of(request)) == 1


def test_bells_ring_for_what_is_approved_at_once_and_for_what_waited(
    backed_up: BackedUp, finish: Finish, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """Heard or not: the clock finds the same in the database."""
    rung: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, *_arguments, **_options: rung.append(name))
    instance, _backup = backed_up
    request = make_sent(instance, wish="backup")
    marc = make_person()
    with django_capture_on_commit_callbacks(execute=True):
        approve(request, marc)
    assert set(rung) == {"parish_requests.advance", "parish_requests.deliver"}
    rung.clear()
    later = make_sent(instance, wish="help")
    with django_capture_on_commit_callbacks(execute=True):
        approve(later, marc, not_before=timezone.now() + HOUR)
    assert set(rung) == {"parish_requests.deliver"}, "what begins later is the clock's"
    request = advance(request)
    assert request.operation is not None
    rung.clear()
    with django_capture_on_commit_callbacks(execute=True):
        finish(request.operation)
    assert "parish_requests.advance" in rung, "its end is noted at once"
    withdraw_request(later, actor=make_staff(marc), now=timezone.now())
    advance(request)
    rung.clear()
    with django_capture_on_commit_callbacks(execute=True):
        finish(request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="test"))
    assert "parish_requests.advance" not in rung, "nothing waited for it"


def test_a_part_is_restored_alone(backed_up: BackedUp) -> None:
    request = make_approved(backed_up[0], scope="part", part="sites/default/files/photo.jpg")
    operation = advance(request).operation
    assert operation is not None
    asked = {name: operation.parameters.get(name) for name in ("scope", "tree", "path", "safety_backup")}
    wanted = {"scope": "files", "tree": "sites", "path": "default/files/photo.jpg", "safety_backup": True}
    assert asked == wanted


def test_a_backup_is_taken_and_named(backed_up: BackedUp, finish: Finish) -> None:
    request = advance(make_approved(backed_up[0], wish="backup"))
    assert request.operation is not None and request.operation.kind == OperationKind.BACKUP
    finish(request.operation)
    request = advance(request)
    assert request.state == RequestState.DONE and request.backup == request.operation.backups.get()
    assert request.safety_backup is None


def test_what_people_do_is_begun_by_nobody_else(backed_up: BackedUp) -> None:
    request = make_approved(backed_up[0], wish="help")
    assert advance(request).state == RequestState.APPROVED and not list_operations_of(request)


def test_later_is_not_before(backed_up: BackedUp) -> None:
    instance, _backup = backed_up
    request = make_sent(instance)
    now = timezone.now()
    for name in ("marc", "lucie")[: request.approvals_needed]:
        approve(request, make_person(name), not_before=now + HOUR, now=now)
    assert advance(request, now=now + HOUR / 2).state == RequestState.SCHEDULED
    assert advance(request, now=now + HOUR).state == RequestState.RUNNING


def test_a_key_that_somebody_made_up_begins_no_request(backed_up: BackedUp) -> None:
    """Keys come in by the API too: an operation of somebody else's is none of the request's."""
    instance, _backup = backed_up
    request = make_approved(instance, wish="backup")
    ours = make_key(request, 0)
    for key in (ours.rpartition(":")[0], ours[:-1] + ("0" if ours[-1] != "0" else "1"), "request:", "request"):
        asked = {"kind": OperationKind.BACKUP, "instance": instance, "requested_by": "anne", "idempotency_key": key}
        operation = request_operation(**asked)
        request.refresh_from_db()
        assert (request.state, request.operation) == (RequestState.APPROVED, None)
        Operation.objects.filter(pk=operation.pk).update(lock=None, state=OperationState.SUCCEEDED)
    assert advance(request).state == RequestState.RUNNING


def test_a_busy_site_is_waited_for(backed_up: BackedUp, finish: Finish) -> None:
    instance, _backup = backed_up
    request = make_approved(instance)
    other = request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="test")
    assert advance(request).state == RequestState.APPROVED and not list_operations_of(request)
    finish(other)
    assert advance(request).state == RequestState.RUNNING


def test_what_would_lose_more_goes_back_to_approval(backed_up: BackedUp, monkeypatch: pytest.MonkeyPatch) -> None:
    request = make_approved(backed_up[0])
    worse = {**request.preview, "warnings": [{"code": "mailing_since", "params": {"count": 1}}]}
    monkeypatch.setattr(reconsidering, "make_preview", lambda _request, *, now: worse)  # noqa: ARG005
    now = timezone.now()
    request = advance(request, now=now)
    assert (request.state, request.preview) == (RequestState.SUBMITTED, worse)
    assert not request.approvals.exists() and not list_operations_of(request)
    assert request.expires_at == now + 72 * HOUR and list_lines(request)[-1] == "reconsider"


def test_a_failure_says_why_and_can_be_tried_again(backed_up: BackedUp, finish: Finish) -> None:
    instance, _backup = backed_up
    request = advance(make_approved(instance))
    assert request.operation is not None
    first = request_cancel(request.operation, requested_by="marc")
    finish(first)
    request = advance(request)
    assert (request.state, request.error_code) == (RequestState.FAILED, "operation_cancelled")
    person = make_person("anne")
    request = retry_request(request, person=person, actor=make_staff(person), now=timezone.now())
    assert (request.state, request.operation, request.ended_at) == (RequestState.SUBMITTED, None, None)
    approve(request, person)
    if request.approvals_needed == 2:
        approve(request, make_person("bruno"))
    request = advance(request)
    assert request.state == RequestState.RUNNING and request.error_code == ""
    assert [one.pk for one in list_operations_of(request)] == [first.pk, request.operation.pk]


def test_a_set_that_went_is_a_failure_before_anything_is_touched(backed_up: BackedUp) -> None:
    request = make_approved(backed_up[0])
    Backup.objects.update(state="failed")
    request = advance(request)
    assert (request.state, request.error_code) == (RequestState.FAILED, "backup_not_good")
    assert not list_operations_of(request)


def test_an_instance_that_is_gone_is_a_failure(backed_up: BackedUp) -> None:
    instance, _backup = backed_up
    request = make_approved(instance)
    Instance.objects.filter(pk=instance.pk).update(state=InstanceState.DELETED)
    request = advance(request)
    assert (request.state, request.error_code) == (RequestState.FAILED, "state_forbids")


def test_an_operation_nobody_knows_any_more_is_a_failure(backed_up: BackedUp) -> None:
    request = advance(make_approved(backed_up[0]))
    Operation.objects.all().delete()
    request = advance(request)
    assert (request.state, request.error_code) == (RequestState.FAILED, "request_operation_lost")


def test_what_was_withdrawn_in_that_moment_begins_nothing(backed_up: BackedUp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The withdrawal comes after the last look, before the operation is written: neither it nor its lock is left."""
    instance, _backup = backed_up
    request = make_approved(instance)

    def look(asked: RestoreRequest, *, now: Any) -> bool:
        withdraw_request(RestoreRequest.objects.get(pk=asked.pk), actor=MANAGER, now=now)
        return False

    monkeypatch.setattr("parish_requests.running.reconsider_changed", look)
    request = advance(request)
    assert request.state == RequestState.WITHDRAWN and not list_operations_of(request)
    instance.refresh_from_db()
    assert instance.state == InstanceState.ACTIVE


def test_two_clocks_begin_one_operation(backed_up: BackedUp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second clock has looked before the first one wrote."""
    request = make_approved(backed_up[0])
    stale = RestoreRequest.objects.get(pk=request.pk)
    advance(request)
    monkeypatch.setattr("parish_requests.running.find_hindrance", lambda _request: "")
    start_request(stale, now=timezone.now())
    assert len(list_operations_of(request)) == 1 and list_lines(request).count("start") == 1


def test_one_request_that_fails_does_not_stop_the_others(backed_up: BackedUp) -> None:
    instance, _backup = backed_up
    broken, other = make_approved(instance), make_approved(instance, wish="backup")
    RestoreRequest.objects.filter(pk=broken.pk).update(backup=None)
    assert advance(broken).state == RequestState.FAILED
    other.refresh_from_db()
    assert other.state == RequestState.RUNNING


def test_a_refused_move_begins_nothing(backed_up: BackedUp) -> None:
    request = make_sent(backed_up[0])
    move_request(request, Move.REFUSE, actor=MANAGER, now=timezone.now())
    assert advance(request).state == RequestState.REFUSED and not list_operations_of(request)
