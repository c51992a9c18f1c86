"""Approved requests are done by the ordinary operations, and followed to their end; the clock calls this every minute.

The rows say how far a request is, so that any worker goes on where another one was killed: an operation is asked for
under a key of the request (the same key never begins a second one), and the request is moved in the very transaction
that writes the operation (`note_begun`).
"""

import logging
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from domain.error_texts import TEXTS
from domain.errors import CiviparoisseError
from domain.parish_requests import FETCHED, Move, RequestState, Wish
from domain.states import ACTIVE_OPERATION_STATES, ENDED_OPERATION_STATES, OperationState
from operations.doorbell import ring_task_on_commit
from operations.models import Operation
from operations.requests import request_operation
from operations.selectors import get_instance
from parish_requests.actors import MANAGER, Actor
from parish_requests.copies import KEPT_FOR, end_copies, take_copy
from parish_requests.expiry import expire_requests
from parish_requests.fetches import follow_offer, offer_data
from parish_requests.models import RequestEvent, RestoreRequest
from parish_requests.moves import move_request
from parish_requests.outcomes import find_hindrance
from parish_requests.pinning import keep_safety_copy
from parish_requests.plans import BY_HAND, COPIES, list_stages
from parish_requests.reconsidering import reconsider_changed
from parish_requests.record import ASKED, record_event
from parish_requests.sets import refuse_gone
from tenants.models import Instance

log = logging.getLogger("parish_requests")


class Step(Protocol):
    """What is done with one request. Raises CiviparoisseError where that is its end, or where it must wait."""

    def __call__(self, request: RestoreRequest, *, now: datetime) -> None: ...


PREFIX = "request"
ADVANCE_TASK = "parish_requests.advance"
# Somebody was faster, or is at that place: looked at again a minute later.
WAITED_FOR = frozenset({"instance_busy", "request_state_forbids", "request_sandbox_taken"})
DECIDED = (RequestState.APPROVED.value, RequestState.SCHEDULED.value)


def advance_requests(*, now: datetime) -> None:
    """Bring every request a step further: those unanswered for too long end, what has run is noted, what is due begins,
    copies whose time is over are deleted."""
    expire_requests(now=now)
    rows = RestoreRequest.objects.select_related("tenant", "instance", "backup", "operation").order_by("pk")
    for request in rows.filter(state=RequestState.RUNNING.value):
        _protect(request, follow_request, now=now)
    for request in rows.filter(state__in=DECIDED).exclude(wish__in=BY_HAND):
        if request.not_before is None or request.not_before <= now:
            _protect(request, start_request, now=now)
    end_copies(now=now)


def start_request(request: RestoreRequest, *, now: datetime) -> None:
    """Begin an approved request whose time has come, unless something is in its way (then it waits), or what it would
    do is not any more what was approved (then it goes back to approval)."""
    if find_hindrance(request):
        return
    if request.wish in FETCHED:
        offer_data(request, now=now)
        return
    refuse_gone(request)
    if reconsider_changed(request, now=now):
        return
    if request.wish in COPIES:
        with transaction.atomic():
            copy = take_copy(request)
            move_request(request, Move.START, actor=MANAGER, now=now, changes={"sandbox": copy})
    _ask(request, 0)


def follow_request(request: RestoreRequest, *, now: datetime) -> None:
    """Look at what was begun for a request: ask for its next operation, or note how it ended."""
    if request.wish in BY_HAND:
        return
    if request.wish in FETCHED:
        follow_offer(request, now=now)
        return
    operation = request.operation
    if operation is None:
        if request.wish not in COPIES:
            raise CiviparoisseError("request_operation_lost", request=request.reference)
        _ask(request, 0)
    elif operation.state in ACTIVE_OPERATION_STATES:
        return
    elif operation.state != OperationState.SUCCEEDED:
        raise _make_failure(operation)
    elif (place := _read_place(operation) + 1) < len(list_stages(request)):
        _ask(request, place)
    else:
        _finish(request, operation, now=now)


def note_begun(instance: Instance, *, operation: Operation, now: datetime) -> None:
    """Attach an operation to the request that it was asked for, in the transaction that writes the operation, and have
    its end looked at at once: a listener to changes of instances. Raise CiviparoisseError `request_state_forbids`, so
    that no operation is written either, where the request was refused or withdrawn meanwhile."""
    if operation.state in ENDED_OPERATION_STATES:
        _ring_for_waiting(instance, operation)
        return
    reference = _read_reference(operation)
    if not reference or operation.state != OperationState.QUEUED:
        return
    request = RestoreRequest.objects.filter(reference=reference).first()
    if request is None:
        return
    told = {"operation": operation.public_id, "instance": instance.identifier}
    if request.state != RequestState.RUNNING:
        move_request(request, Move.START, actor=MANAGER, now=now, changes={"operation": operation}, data=told)
        return
    RestoreRequest.objects.filter(pk=request.pk).update(operation=operation)
    record_event(request, actor=MANAGER, what=ASKED, data=told, now=now)


def ring_when_due(request: RestoreRequest, move: Move, actor: Actor) -> None:
    """Have what is approved to begin at once begun now, not at the clock's next turn: a listener to moves."""
    del request, actor
    if move is Move.APPROVE:
        ring_task_on_commit(ADVANCE_TASK)


def _ring_for_waiting(instance: Instance, operation: Operation) -> None:
    """Have looked at what waited for the end of `operation`: the request that it is of, and those that it hindered."""
    waiting = RestoreRequest.objects.filter(tenant_id=instance.tenant_id, state__in=DECIDED)
    if waiting.exists() or RestoreRequest.objects.filter(operation=operation).exists():
        ring_task_on_commit(ADVANCE_TASK)


def make_key(request: RestoreRequest, place: int) -> str:
    """Return the key under which the operation at `place` of a request is asked for: the same until it has failed.
    Signed, since keys of others come in by the API: whoever could write one would begin a request with it."""
    failures = RequestEvent.objects.filter(request_id=request.pk, what=Move.FAIL.value).count()
    return _sign(f"{PREFIX}:{request.reference}:{failures}:{place}")


def _protect(request: RestoreRequest, step: Step, *, now: datetime) -> None:
    """Call `step` for one request; what it raises is the end of that request, not of the others."""
    try:
        step(request, now=now)
    except CiviparoisseError as error:
        if error.retryable or error.code in WAITED_FOR:
            log.warning("request %s waits: %s", request.reference, error.code)
            return
        _fail(request, error, now=now)


def _ask(request: RestoreRequest, place: int) -> None:
    """Ask for the operation at `place`. Asked for already, nothing happens."""
    stage = list_stages(request)[place]
    request_operation(
        kind=stage.kind,
        instance=get_instance(stage.instance),
        requested_by=f"request {request.reference}",
        parameters=stage.parameters,
        idempotency_key=make_key(request, place),
    )


def _finish(request: RestoreRequest, operation: Operation, *, now: datetime) -> None:
    """Note that a request is done: its safety copy is kept, and what it undoes is undone."""
    with transaction.atomic():
        safety = keep_safety_copy(request, operation, now=now)
        changes: dict[str, Any] = {"safety_backup": safety}
        told = {"operation": operation.public_id} | ({"safety_backup": safety.backup_id} if safety else {})
        if request.wish in COPIES:
            changes["sandbox_until"] = now + KEPT_FOR
            told["until"] = changes["sandbox_until"].isoformat()
        if request.wish == Wish.BACKUP:
            changes["backup"] = operation.backups.order_by("pk").first()
        move_request(request, Move.FINISH, actor=MANAGER, now=now, changes=changes, data=told)
        undone = request.undoes
        if request.wish == Wish.UNDO and undone is not None and undone.state == RequestState.DONE:
            move_request(undone, Move.UNDO, actor=MANAGER, now=now, data={"operation": operation.public_id})


def _fail(request: RestoreRequest, error: CiviparoisseError, *, now: datetime) -> None:
    """Note why a request came to nothing. What was copied before is kept, a copy that was begun is deleted."""
    operation = request.operation
    with transaction.atomic():
        safety = keep_safety_copy(request, operation, now=now) if operation is not None else None
        changes: dict[str, Any] = {"error_code": error.code, "error_params": error.params, "sandbox_until": now}
        changes["safety_backup"] = safety
        told = {"code": error.code} | ({"operation": operation.public_id} if operation is not None else {})
        move_request(request, Move.FAIL, actor=MANAGER, now=now, changes=changes, data=told)
    log.error("request %s has failed: %s", request.reference, error.code)


def _make_failure(operation: Operation) -> CiviparoisseError:
    """Return why an operation came to nothing, as the error of the request."""
    cancelled = {"operation": operation.public_id, "instance": operation.subject}
    if not operation.error_code or operation.error_code not in TEXTS:
        return CiviparoisseError("operation_cancelled", retryable=False, **cancelled)
    return CiviparoisseError(operation.error_code, retryable=False, **operation.error_params)


def _read_reference(operation: Operation) -> str:
    """Return the reference of the request that an operation was asked for; "" for every other."""
    key = operation.idempotency_key or ""
    told, _colon, _signature = key.rpartition(":")
    is_ours = told.startswith(f"{PREFIX}:") and constant_time_compare(key, _sign(told))
    return told.split(":")[1] if is_ours else ""


def _read_place(operation: Operation) -> int:
    return int((operation.idempotency_key or "").split(":")[3])


def _sign(told: str) -> str:
    return f"{told}:{salted_hmac('parish_requests.running', told, algorithm='sha256').hexdigest()[:32]}"
