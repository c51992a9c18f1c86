"""Deciding on a request: who may, what they saw, how many it takes. Silence never approves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError, InvalidValue
from domain.parish_requests import Move, RequestState, find_end
from operations.permissions import PermissionMissing, has_permission
from parish_requests.actors import Actor
from parish_requests.asking import UNANSWERED_FOR, refuse_double
from parish_requests.models import RequestApproval, RestoreRequest
from parish_requests.moves import make_state_error, move_request
from parish_requests.plans import BY_HAND, list_permissions
from parish_requests.previews import get_digest, look_ahead
from parish_requests.record import APPROVED_ONCE, SHOWN, record_event
from parish_requests.sets import refuse_gone
from parish_requests.wording import read_said
from tenants.models import Instance

APPROVE = "parish_requests.approve_restorerequest"
# What is approved now begins within this.
LATEST_BEGIN = timedelta(days=14)


def approve_request(
    request: RestoreRequest,
    *,
    person: User,
    actor: Actor,
    seen_preview_sha256: str,
    now: datetime,
    not_before: datetime | None = None,
) -> RestoreRequest:
    """Approve `request` as the preview that `person` saw, and return it: approved or scheduled once as many different
    persons did as it takes, otherwise as before with one approval more.

    `not_before`: when it shall begin, None for at once; what the last one says holds. Raise PermissionMissing,
    InvalidValue, or CiviparoisseError `request_own`, `request_approved_already`, `request_preview_changed`,
    `request_state_forbids`, `request_set_gone`, `backup_not_good` or `backup_leaving`; then nothing was written.
    """
    begins = _read_begin(not_before, now=now)
    with transaction.atomic():
        # Of several who approve at once each sees what the one before did.
        held = RestoreRequest.objects.select_for_update().get(pk=request.pk)
        for error in _iterate_refusals(held, person):
            raise error
        digest = get_digest(held)
        if seen_preview_sha256 != digest:
            raise CiviparoisseError("request_preview_changed", request=held.reference)
        RequestApproval.objects.filter(request=held).exclude(preview_sha256=digest).delete()
        RequestApproval.objects.create(request=held, by=person.get_username(), at=now, preview_sha256=digest)
        count = RequestApproval.objects.filter(request=held).count()
        told = {"preview_sha256": digest, "approvals": count, "approvals_needed": held.approvals_needed}
        if count < held.approvals_needed:
            record_event(held, actor=actor, what=APPROVED_ONCE, data=told, now=now)
        else:
            told |= {"not_before": begins.isoformat()} if begins else {}
            changes: dict[str, Any] = {"not_before": begins, "decided_at": now, "expires_at": None}
            changes |= {"error_code": "", "error_params": {}}
            move = Move.SCHEDULE if begins else Move.APPROVE
            move_request(held, move, actor=actor, now=now, changes=changes, data=told)
    request.refresh_from_db()
    return request


def ask_back(request: RestoreRequest, text: str, *, person: User, actor: Actor, now: datetime) -> RestoreRequest:
    """Ask the parish something before deciding. Raise PermissionMissing, or CiviparoisseError `request_text_invalid` or
    `request_state_forbids`."""
    _require(person, APPROVE)
    changes = {"expires_at": now + UNANSWERED_FOR, "warned_at": None}
    return move_request(request, Move.ASK_BACK, actor=actor, now=now, changes=changes, data={"text": read_said(text)})


def refuse_request(
    request: RestoreRequest, reason: str, *, person: User, actor: Actor, now: datetime
) -> RestoreRequest:
    """Refuse a request that has not begun, with a reason that the parish reads. Raise PermissionMissing, or
    CiviparoisseError `request_text_invalid` or `request_state_forbids`."""
    _require(person, APPROVE)
    said = read_said(reason)
    changes = {"refusal": said, "decided_at": now, "expires_at": None}
    return move_request(request, Move.REFUSE, actor=actor, now=now, changes=changes, data={"text": said})


def retry_request(request: RestoreRequest, *, person: User, actor: Actor, now: datetime) -> RestoreRequest:
    """Bring a request that failed back to be approved anew, with a new preview; why it failed stays on its record.
    Raise PermissionMissing, or CiviparoisseError as submit_request."""
    _require(person, APPROVE)
    if find_end(Move.RETRY, RequestState(request.state)) is None:
        raise make_state_error(request, Move.RETRY)
    refuse_gone(request)
    look_ahead(request, now=now)
    changes = {
        "expires_at": now + UNANSWERED_FOR,
        "warned_at": None,
        "operation": None,
        "not_before": None,
        "decided_at": None,
    }
    with transaction.atomic():
        Instance.objects.select_for_update().only("pk").get(pk=request.instance_id)
        refuse_double(request)
        RequestApproval.objects.filter(request=request).delete()
        return move_request(request, Move.RETRY, actor=actor, now=now, changes=changes)


def finish_by_hand(request: RestoreRequest, text: str, *, person: User, actor: Actor, now: datetime) -> RestoreRequest:
    """Note that people of UEPAL have done an approved request, and what they did; the parish reads it. Raise
    PermissionMissing, or CiviparoisseError `request_not_by_hand`, `request_text_invalid` or `request_state_forbids`."""
    _require(person, APPROVE)
    if request.wish not in BY_HAND:
        raise CiviparoisseError("request_not_by_hand", request=request.reference)
    said = {"text": read_said(text)}
    with transaction.atomic():
        if request.state != RequestState.RUNNING:
            move_request(request, Move.START, actor=actor, now=now)
        return move_request(request, Move.FINISH, actor=actor, now=now, data=said)


def look_again(request: RestoreRequest, *, actor: Actor, now: datetime) -> RestoreRequest:
    """Make the preview of a request that waits for an answer anew, for the person who is to decide; approvals of what
    is not any more what it would do are taken away. Takes seconds. Raise CiviparoisseError `request_state_forbids`."""
    if request.state not in (RequestState.SUBMITTED, RequestState.QUESTION):
        raise make_state_error(request, Move.APPROVE)
    look_ahead(request, now=now)
    digest = get_digest(request)
    with transaction.atomic():
        RequestApproval.objects.filter(request=request).exclude(preview_sha256=digest).delete()
        record_event(request, actor=actor, what=SHOWN, data={"preview_sha256": digest}, now=now)
    return request


def list_obstacles(request: RestoreRequest, person: User) -> list[str]:
    """Return why `person` cannot approve the request now, as sentences in the active language; empty where they can."""
    return [error.message for error in _iterate_refusals(request, person)]


def is_own(request: RestoreRequest, person: User) -> bool:
    """Return whether `person` asked for it or entered it: the same account, or the same mail address."""
    if request.entered_by and request.entered_by == person.get_username():
        return True
    return bool(request.asked_mail) and request.asked_mail.casefold() == (person.email or "").strip().casefold()


def _iterate_refusals(request: RestoreRequest, person: User) -> Iterator[CiviparoisseError]:
    for permission in (APPROVE, *list_permissions(request)):
        if not person.is_active or not has_permission(person, permission):
            yield PermissionMissing(permission=permission)
            break
    if is_own(request, person):
        yield CiviparoisseError("request_own", request=request.reference)
    if find_end(Move.APPROVE, RequestState(request.state)) is None:
        yield make_state_error(request, Move.APPROVE)
        return
    approved = RequestApproval.objects.filter(request=request, by=person.get_username())
    if approved.filter(preview_sha256=get_digest(request)).exists():
        yield CiviparoisseError("request_approved_already", request=request.reference, by=person.get_username())
    try:
        refuse_gone(request)
    except CiviparoisseError as error:
        yield error


def _read_begin(not_before: datetime | None, *, now: datetime) -> datetime | None:
    if not_before is None or not_before <= now:
        return None
    if not_before > now + LATEST_BEGIN:
        reason = _("at most %(days)s days from now.") % {"days": LATEST_BEGIN.days}
        raise InvalidValue(field="not_before", reason=reason, well_formed=True)
    return not_before


def _require(person: User, permission: str) -> None:
    if not person.is_active or not has_permission(person, permission):
        raise PermissionMissing(permission=permission)
