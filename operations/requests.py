"""The only door: every change of an instance begins here, as rows; workers do the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError, InstanceBusy
from domain.states import ACTIVE_OPERATION_STATES, InstanceState, StepPhase
from operations.choices import describe_choices
from operations.declarations import KindDefinition, StepDefinition
from operations.doorbell import ring_on_commit
from operations.endings import STATE_BEFORE_KEY
from operations.engine_objects import Subject
from operations.hooks import notify_changed, prepare_change
from operations.journal import record_event
from operations.models import Operation, OperationStep
from operations.permissions import Person, require_kind
from operations.registry import get_kind, list_next_actions
from operations.subjects import make_lock
from tenants.models import Instance

REQUEST_KEY = "request"
# Raises CiviparoisseError where the row is no longer what the person who asks has seen.
CheckRow = Callable[[Instance], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What an operation would do. `sentences` and `steps` are for people, in the active language."""

    kind: str
    instance: str
    parameters: dict[str, Any]
    sentences: tuple[str, ...]
    steps: tuple[str, ...]


def request_operation(
    *,
    kind: str,
    instance: Subject,
    requested_by: str,
    person: Person | None = None,
    parameters: dict[str, Any] | None = None,
    idempotency_key: str | None = None,
    check_row: CheckRow | None = None,
) -> Operation:
    """Record that `kind` is wanted for `instance` (or what an engine holds without a row, for kinds of objects), and
    return the operation, which workers take up at once.

    `person`: the account that asks, which must have what the kind takes; None for tasks of ours, and for whoever has
    the machine's account. The same key with the same request returns the operation of the first time, ended or not.
    Raise PermissionMissing, InstanceBusy, CiviparoisseError `state_forbids` or `idempotency_key_reused`, what the
    kind's validation raises, or what `check_row` raises, which is asked at once and again under the row's lock; then
    nothing was written.
    """
    if person is not None:
        require_kind(person, kind)
    asked = {"kind": kind, "instance": instance.identifier, "parameters": parameters or {}}
    known = _find_repeated(idempotency_key, asked)
    if known is not None:
        return known
    try:
        if check_row is not None and isinstance(instance, Instance):
            check_row(Instance.objects.defer("secrets").get(pk=instance.pk))
        _precheck(kind, instance, parameters or {})
        if isinstance(instance, Instance):
            prepare_change(instance)
        return _create_operation(
            kind,
            instance,
            requested_by=requested_by,
            asked=asked,
            idempotency_key=idempotency_key,
            check_row=check_row,
        )
    except (CiviparoisseError, IntegrityError) as error:
        # Somebody was first, between our look and our write: with the same key, or with the same instance.
        known = _find_repeated(idempotency_key, asked)
        if known is not None:
            return known
        if isinstance(error, IntegrityError):
            _refuse_busy(kind, instance)
        raise


def describe_operation(*, kind: str, instance: Subject, parameters: dict[str, Any] | None = None) -> Description:
    """Return what `request_operation` would begin, or raise what it would raise. Writes nothing."""
    checked = _check_request(kind, instance, parameters or {})
    _precheck(kind, instance, parameters or {})
    definition = get_kind(kind)
    return Description(
        kind=kind,
        instance=instance.identifier,
        parameters=checked,
        sentences=tuple(_describe(definition, instance, checked)),
        steps=tuple(_describe_step(step, checked) for step in definition.steps if _is_foreseen(step, checked)),
    )


def _describe(kind: KindDefinition, subject: Subject, parameters: dict[str, Any]) -> list[str]:
    if kind.describe is None:
        return describe_choices(kind, subject.identifier, parameters)
    return kind.describe(subject, parameters)


def _is_foreseen(step: StepDefinition, parameters: dict[str, Any]) -> bool:
    """Return whether the step runs when all goes well, as far as the request tells."""
    return step.phase is not StepPhase.ROLLBACK and (step.when is None or parameters.get(step.when, True) is not False)


def _describe_step(step: StepDefinition, parameters: dict[str, Any]) -> str:
    """Return its label; what only the operation itself will know is said to be so."""
    is_certain = step.when is None or step.when in parameters
    return str(step.label) if is_certain else _("%(step)s (if needed)") % {"step": step.label}


def request_cancel(operation: Operation, *, requested_by: str) -> Operation:
    """Ask the operation to stop before its next step. Raise CiviparoisseError `operation_ended` when it is over."""
    active = [state.value for state in ACTIVE_OPERATION_STATES]
    with transaction.atomic():
        open_rows = Operation.objects.filter(pk=operation.pk, state__in=active)
        if open_rows.update(cancel_requested=True) != 1:
            operation.refresh_from_db()
            raise CiviparoisseError("operation_ended", operation=operation.public_id, state=operation.state)
        # Not held by a run: let it end now rather than at its next look.
        open_rows.filter(lease_owner="").update(next_run_at=None)
        record_event(operation, f"cancel asked by {requested_by}", level="warning")
        ring_on_commit(operation.public_id)
    operation.refresh_from_db()
    return operation


def _find_repeated(idempotency_key: str | None, asked: dict[str, Any]) -> Operation | None:
    if idempotency_key is None:
        return None
    known = Operation.objects.filter(idempotency_key=idempotency_key).first()
    if known is not None and known.data.get(REQUEST_KEY) != asked:
        raise CiviparoisseError("idempotency_key_reused", operation=known.public_id)
    return known


def _check_request(kind: str, subject: Subject, parameters: dict[str, Any]) -> dict[str, Any]:
    _refuse_busy(kind, subject)
    if isinstance(subject, Instance):
        _refuse_state(kind, subject)
    return get_kind(kind).check(subject, parameters)


def _refuse_state(kind: str, instance: Instance) -> None:
    state = InstanceState(instance.state)
    if not get_kind(kind).may_be_asked_in(state):
        allowed = ", ".join(action.code for action in list_next_actions(state, instance.kind)) or "-"
        raise CiviparoisseError(
            "state_forbids", instance=instance.identifier, state=state.value, kind=kind, allowed=allowed
        )


def _precheck(kind: str, subject: Subject, parameters: dict[str, Any]) -> None:
    """Ask the engine whether it could succeed, where the kind wants that: it may take seconds, so no row is held
    meanwhile."""
    precheck = get_kind(kind).precheck
    if precheck is not None:
        if isinstance(subject, Instance):
            subject = Instance.objects.select_related("plan", "release").get(pk=subject.pk)
        precheck(subject, _check_request(kind, subject, parameters))


def _refuse_busy(kind: str, subject: Subject) -> None:
    holder = Operation.objects.filter(lock=make_lock(get_kind(kind), subject)).first()
    if holder is not None:
        raise InstanceBusy(instance=subject.identifier, kind=holder.kind, operation=holder.public_id)


def _create_operation(
    kind: str,
    subject: Subject,
    *,
    requested_by: str,
    asked: dict[str, Any],
    idempotency_key: str | None,
    check_row: CheckRow | None,
) -> Operation:
    definition = get_kind(kind)
    with transaction.atomic():
        row = Instance.objects.select_for_update().get(pk=subject.pk) if isinstance(subject, Instance) else None
        if row is not None and isinstance(subject, Instance) and "tenant" in subject._state.fields_cache:
            row.tenant = subject.tenant  # it never gets another one
        if row is not None and check_row is not None:
            check_row(row)
        operation = Operation.objects.create(
            kind=kind,
            instance=row,
            subject=subject.identifier,
            requested_by=requested_by,
            parameters=_check_request(kind, row or subject, asked["parameters"]),
            lock=make_lock(definition, subject),
            idempotency_key=idempotency_key,
            next_run_at=timezone.now(),
            data={STATE_BEFORE_KEY: row.state if row else None, REQUEST_KEY: asked},
        )
        OperationStep.objects.bulk_create(
            OperationStep(operation=operation, position=position, name=step.name, phase=step.phase.value)
            for position, step in enumerate(definition.steps)
        )
        if row is not None and definition.rule.during is not None:
            row.state = definition.rule.during.value
            row.save(update_fields=["state"])
        record_event(operation, f"requested by {requested_by}")
        if row is not None:
            notify_changed(row, operation=operation, now=operation.created_at)
        ring_on_commit(operation.public_id)
    if row is not None and isinstance(subject, Instance):
        subject.state = row.state
    return operation
