"""The way back from a restore: its safety copy is put back, for fourteen days, wherever the restore was asked from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from backups.models import Backup, BackupScope, BackupState
from domain.errors import CiviparoisseError
from domain.parish_requests import OPEN_STATES, Cause, RequestScope, RequestState, Wish
from domain.specs import InstanceKind
from domain.states import OperationKind, OperationState
from operations.models import Operation
from parish_requests.actors import Actor
from parish_requests.asking import begin_request, submit_request
from parish_requests.models import ParishContact, RestoreRequest
from parish_requests.pinning import SAFETY_KEY
from tenants.models import Instance

UNDO_FOR = timedelta(days=14)
_SCOPES = {
    BackupScope.FULL.value: RequestScope.EVERYTHING,
    BackupScope.DATABASE.value: RequestScope.DATA,
    BackupScope.FILES.value: RequestScope.FILES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoOffer:
    """A restore that can be undone. `request`: what asked for it, None where it was not asked for at the parish's door.
    `safety`: what is put back; `scope` and `part` as of the restore; `until`: how long it is offered."""

    operation: Operation
    request: RestoreRequest | None
    instance: Instance
    safety: Backup
    scope: RequestScope
    part: str
    until: datetime


def find_undo(subject: Operation | RestoreRequest, *, now: datetime | None = None) -> UndoOffer | None:
    """Return how the restore that `subject` is, or asked for, can be undone; None where it cannot: it did not succeed,
    was of a copy, is too old, its safety copy is gone, a later restore succeeded, or an undo is under way."""
    operation = subject.operation if isinstance(subject, RestoreRequest) else subject
    request = subject if isinstance(subject, RestoreRequest) else _find_request(subject)
    moment = now or timezone.now()
    if operation is None or not _is_undoable(operation, moment):
        return None
    safety = Backup.objects.filter(backup_id=operation.data.get(SAFETY_KEY) or "", state=BackupState.GOOD).first()
    instance = operation.instance
    if safety is None or instance is None or instance.kind != InstanceKind.PRODUCTION or _is_over(operation, safety):
        return None
    if request is not None and request.state != RequestState.DONE:
        return None
    given = operation.parameters
    is_part = bool(given.get("path"))
    return UndoOffer(
        operation=operation,
        request=request,
        instance=instance,
        safety=safety,
        scope=RequestScope.PART if is_part else _SCOPES[safety.scope],
        part=f"{given['tree']}/{given['path'].strip('/')}" if is_part else "",
        until=(operation.ended_at or moment) + UNDO_FOR,
    )


def request_undo(
    subject: Operation | RestoreRequest,
    *,
    actor: Actor,
    now: datetime,
    contact: ParishContact | None = None,
    why: str = "",
    entered_by: str = "",
    channel: str = "",
    external_reference: str = "",
    is_draft: bool = False,
) -> RestoreRequest:
    """Ask for the undo of a restore, with a preview of what was entered since, and return the request: sent, or where
    `is_draft` to be sent by submit_request. It is approved as every other. Raise CiviparoisseError `request_undo_over`,
    or as begin_request and submit_request."""
    offer = find_undo(subject, now=now)
    if offer is None:
        raise CiviparoisseError("request_undo_over", days=UNDO_FOR.days)
    request = begin_request(
        instance=offer.instance,
        wish=Wish.UNDO,
        actor=actor,
        now=now,
        contact=contact,
        cause=Cause.OTHER,
        scope=offer.scope,
        part=offer.part,
        backup=offer.safety,
        why=why,
        entered_by=entered_by,
        channel=channel or _("from the page of the restore"),
        external_reference=external_reference,
        undoes=offer.request,
    )
    return request if is_draft else submit_request(request, actor=actor, now=now)


def _find_request(operation: Operation) -> RestoreRequest | None:
    return RestoreRequest.objects.filter(operation=operation).order_by("pk").first()


def _is_undoable(operation: Operation, now: datetime) -> bool:
    is_done = operation.kind == OperationKind.RESTORE and operation.state == OperationState.SUCCEEDED
    own = operation.parameters.get("source") in (None, "", operation.subject)
    return is_done and own and operation.ended_at is not None and now <= operation.ended_at + UNDO_FOR


def _is_over(operation: Operation, safety: Backup) -> bool:
    """Return whether a later restore has replaced what that one left, or somebody asked for the undo already."""
    later = Operation.objects.filter(instance=operation.instance, kind=OperationKind.RESTORE)
    if later.filter(pk__gt=operation.pk, state=OperationState.SUCCEEDED).exists():
        return True
    sent = [state.value for state in OPEN_STATES - {RequestState.DRAFT}]
    return RestoreRequest.objects.filter(wish=Wish.UNDO, backup=safety, state__in=sent).exists()
