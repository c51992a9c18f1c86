"""What the clock asks of proofs: each parish's as often as its policy says, in a night of its own; what one left is
removed.

One at a time on each engine. A night in which nobody asked, or in which the proof could not be made, is caught up in
the next ones; a set that failed its proof waits for a newer one.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.utils.timezone import localtime

from backups.models import ProofOutcome, ProofReport
from backups.policies import find_policies
from backups.proof_ages import compute_period, list_provable, order_by_proof
from backups.proof_places import LEFT_CODE, OWNED
from backups.prove_parameters import choose_set
from domain.errors import CiviparoisseError
from domain.schedules import compute_slot
from domain.specs import InstanceKind
from domain.states import ACTIVE_OPERATION_STATES, InstanceState, OperationKind
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance

log = logging.getLogger("backups")

REQUESTER = "manager"
PROVE_KIND = "prove"
# Hours of local time in which proofs begin; not those in which most backups are taken, nor two o'clock.
PROOF_HOURS = (0, 1, 3, 4)
STATES = (InstanceState.ACTIVE.value, InstanceState.SUSPENDED.value)


def request_due_proofs(*, now: datetime) -> list[str]:
    """Ask for the proofs that are due, one at most on each engine where none is under way, those never proven first;
    return the identifiers of their instances. One instance's fault stops no other's proof."""
    local = localtime(now)
    if not settings.NIGHTLY_BACKUPS or local.hour not in PROOF_HOURS:
        return []
    active = [state.value for state in ACTIVE_OPERATION_STATES]
    at_work = Operation.objects.filter(kind=PROVE_KIND, state__in=active)
    busy = set(at_work.values_list("instance__engine", flat=True))
    rows = Instance.objects.filter(kind=InstanceKind.PRODUCTION.value, state__in=STATES).defer("secrets")
    asked = []
    provable = list(order_by_proof(list_provable(rows)))
    policies = find_policies(provable)
    for row in provable:
        period = compute_period(policies[row.pk])
        if period is None or row.engine in busy:
            continue
        if is_due(row.identifier, row.proof_at, now=now, period_days=period) and _request(row, now=now):
            busy.add(row.engine)
            asked.append(row.identifier)
    return asked


def is_due(identifier: str, proof_at: datetime | None, *, now: datetime, period_days: int) -> bool:
    """Return whether the turn of that instance came since its last proof. Its night is its own, the same in each
    period, so that a fleet is spread evenly; one never proven, or whose night was missed, is due at once."""
    if proof_at is None or proof_at > now:
        return True
    return compute_turn(identifier, proof_at, period_days) < compute_turn(identifier, now, period_days)


def compute_turn(identifier: str, moment: datetime, period_days: int) -> int:
    """Return the number of the instance's period in which `moment` lies."""
    night = compute_slot(identifier, "proof", period_days)
    return (localtime(moment).toordinal() - night) // period_days


def _request(instance: Instance, *, now: datetime) -> bool:
    """Ask once in a night for a proof; return whether one was begun."""
    backup = choose_set(instance)
    if backup is None or ProofReport.objects.filter(backup=backup, outcome=ProofOutcome.FAILED).exists():
        return False
    key = f"proof:{instance.identifier}:{localtime(now).date().isoformat()}"
    if Operation.objects.filter(idempotency_key=key).exists():
        return False
    parameters = {"backup": backup.backup_id}
    try:
        request_operation(
            kind=PROVE_KIND, instance=instance, requested_by=REQUESTER, parameters=parameters, idempotency_key=key
        )
    except CiviparoisseError as error:
        log.warning("proof of %s: %s %s", instance.identifier, error.code, error.params)
        return False
    return True


def remove_left_places(*, now: datetime) -> list[str]:
    """Have removed what proofs could not remove themselves; return the identifiers of the places.

    A place is in a state of passage only while its proof holds it: found so and held by nobody, it was left.
    """
    rows = Instance.objects.filter(kind=InstanceKind.VERIFICATION.value).exclude(state=InstanceState.DELETED.value)
    asked = []
    for row in rows.defer("secrets"):
        if Operation.objects.filter(lock=row.identifier).exists():
            continue
        if row.state not in OWNED:
            params = {"instance": row.identifier}
            left = Instance.objects.filter(pk=row.pk, state=row.state)
            left.update(state=InstanceState.FAILED.value, error_code=LEFT_CODE, error_params=params)
            row.refresh_from_db(fields=["state", "error_code"])
        if row.error_code == LEFT_CODE and _request_removal(row, now=now):
            asked.append(row.identifier)
    return asked


def _request_removal(place: Instance, *, now: datetime) -> bool:
    """Ask once in an hour for the deletion of what was left; return whether one was begun."""
    key = f"proof-left:{place.identifier}:{localtime(now):%Y-%m-%dT%H}"
    if Operation.objects.filter(idempotency_key=key).exists():
        return False
    wanted = {"final_backup": False, "purge_backups": True, "confirm": place.identifier}
    try:
        request_operation(
            kind=OperationKind.DELETE, instance=place, requested_by=REQUESTER, parameters=wanted, idempotency_key=key
        )
    except CiviparoisseError as error:
        log.warning("removal of %s: %s %s", place.identifier, error.code, error.params)
        return False
    return True
