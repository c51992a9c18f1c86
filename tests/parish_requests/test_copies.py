"""Copies for requests: beside the site, nobody's else, gone after seven days."""

import pytest
from django.utils import timezone

from domain.errors import CiviparoisseError
from domain.parish_requests import RequestState
from domain.states import InstanceState, OperationKind
from operations.models import Operation
from operations.requests import request_cancel
from parish_requests.copies import end_copies, find_taken, take_copy
from parish_requests.models import RestoreRequest
from parish_requests.record import find_record_break
from parish_requests.running import advance_requests
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.operations.conftest import Finish
from tests.parish_requests.cast import (
    DAY,
    HOUR,
    list_lines,
    list_operations_of,
    make_approved,
    make_draft,
    make_parish,
)

pytestmark = pytest.mark.django_db

BackedUp = tuple[Instance, str]


def advance(request: RestoreRequest, *, days: float = 0) -> RestoreRequest:
    advance_requests(now=timezone.now() + days * DAY)
    return RestoreRequest.objects.get(pk=request.pk)


def finish_next(request: RestoreRequest, finish: Finish) -> RestoreRequest:
    """Run what the request has begun to its end, and have it looked at."""
    assert request.operation is not None
    finish(request.operation)
    return advance(request)


def test_a_copy_is_made_shown_for_seven_days_and_deleted(backed_up: BackedUp, finish: Finish) -> None:
    instance, backup_id = backed_up
    request = advance(make_approved(instance, wish="show_first", backup=instance.backups.get()))
    assert request.state == RequestState.RUNNING and request.sandbox is not None and request.operation is not None
    assert (request.sandbox.identifier, request.operation.kind) == ("saint-paul-sandbox", OperationKind.PROVISION)
    request = finish_next(request, finish)
    assert request.operation is not None and request.operation.kind == OperationKind.RESTORE
    assert (request.state, request.operation.parameters["backup_id"]) == (RequestState.RUNNING, backup_id)
    assert advance(request).operation == request.operation
    request = finish_next(request, finish)
    copy = request.sandbox
    assert request.state == RequestState.DONE and copy is not None and request.sandbox_until is not None
    assert (copy.state, copy.mail_enabled, copy.cron_enabled) == (InstanceState.ACTIVE, False, False)
    assert 6.9 * DAY < request.sandbox_until - timezone.now() <= 7 * DAY
    assert list_lines(request)[-4:] == ["start", "asked", "asked", "finish"] and find_record_break(request) is None
    advance(request, days=6.9)
    assert not Operation.objects.filter(kind=OperationKind.DELETE).exists()
    for _minute in range(2):
        advance(request, days=7.1)
    deletion = Operation.objects.get(kind=OperationKind.DELETE)
    assert (deletion.parameters["final_backup"], deletion.requested_by) == (False, f"request {request.reference}")
    finish(deletion)
    request = advance(request, days=7.2)
    copy.refresh_from_db()
    instance.refresh_from_db()
    assert (copy.state, request.sandbox, request.state) == (InstanceState.DELETED, None, RequestState.DONE)
    assert instance.state == InstanceState.ACTIVE
    # The place is free for the next one.
    again = advance(make_approved(instance, wish="practice"))
    assert again.sandbox == copy and again.state == RequestState.RUNNING
    again = finish_next(finish_next(again, finish), finish)
    assert again.state == RequestState.DONE and len(list_operations_of(again)) == 2


def test_a_copy_of_somebody_else_is_waited_for(backed_up: BackedUp) -> None:
    instance, _backup = backed_up
    request = make_approved(instance, wish="practice")
    other = take_copy(request)
    Instance.objects.filter(pk=other.pk).update(state=InstanceState.ACTIVE)
    assert advance(request).state == RequestState.APPROVED and find_taken(request) == other
    with pytest.raises(CiviparoisseError) as refused:
        take_copy(request)
    assert refused.value.code == "request_sandbox_taken"
    Instance.objects.filter(pk=other.pk).update(state=InstanceState.DELETED)
    kept = make_backup_row(other)
    assert find_taken(request) == other, "its kept sets are somebody's"
    kept.delete()
    assert advance(request).state == RequestState.RUNNING


def test_two_requests_have_one_copy_after_the_other(backed_up: BackedUp) -> None:
    instance, _backup = backed_up
    first = make_approved(instance, wish="practice")
    second = make_approved(instance, wish="show_first", backup=instance.backups.get())
    first, second = advance(first), advance(second)
    assert (first.state, second.state) == (RequestState.RUNNING, RequestState.APPROVED)


def test_a_copy_that_failed_is_deleted_and_can_be_tried_again(backed_up: BackedUp, finish: Finish) -> None:
    instance, _backup = backed_up
    request = advance(make_approved(instance, wish="practice"))
    assert request.operation is not None
    finish(request_cancel(request.operation, requested_by="marc"))
    request = advance(request)
    assert (request.state, request.error_code) == (RequestState.FAILED, "operation_cancelled")
    advance(request, days=0.001)
    deletion = Operation.objects.get(kind=OperationKind.DELETE)
    finish(deletion)
    request = advance(request, days=0.002)
    assert request.sandbox is None and find_taken(request) is None


def test_a_deletion_that_failed_is_asked_for_again_after_an_hour(backed_up: BackedUp, finish: Finish) -> None:
    instance, _backup = backed_up
    request = finish_next(finish_next(advance(make_approved(instance, wish="practice")), finish), finish)
    now = timezone.now()
    RestoreRequest.objects.filter(pk=request.pk).update(sandbox_until=now)
    assert (end_copies(now=now), end_copies(now=now)) == (1, 0)
    finish(request_cancel(Operation.objects.get(kind=OperationKind.DELETE), requested_by="marc"))
    assert end_copies(now=now + HOUR / 2) == 0
    assert end_copies(now=now + 2 * HOUR) == 1


def test_a_row_that_is_gone_is_forgotten() -> None:
    request, now = make_draft(make_parish(), wish="practice"), timezone.now()
    RestoreRequest.objects.filter(pk=request.pk).update(state="done", sandbox=take_copy(request), sandbox_until=now)
    Instance.objects.filter(identifier="saint-paul-sandbox").update(state=InstanceState.DELETED)
    assert end_copies(now=now) == 0
    request.refresh_from_db()
    assert request.sandbox is None
