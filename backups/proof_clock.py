"""What the clock asks of proofs: each parish's as often as its policy says, in a night by chance; what one left is
removed.

One at a time on each engine. A night in which nobody asked, or in which the proof could not be made, is caught up in
the next ones; a set that failed its proof waits for a newer one.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.timezone import localtime

from backups.models import ProofOutcome, ProofReport
from backups.policies import find_policies
from backups.proof_ages import compute_period, list_provable, make_proof_set, order_by_proof
from backups.proof_places import LEFT_CODE, OWNED
from backups.proof_sources import VOLUME
from domain.errors import CiviparoisseError
from domain.names import compute_identifier
from domain.schedules import compute_slot
from domain.specs import InstanceKind
from domain.states import ACTIVE_OPERATION_STATES, InstanceState, OperationKind
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance

log = logging.getLogger("backups")

REQUESTER = "manager"
PROVE_KIND = "prove"
# A parish's night is drawn among the last ones of its period: this part of them.
WINDOW_PART = 3
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
    provable = [row for row in order_by_proof(list_provable(rows)) if row.engine not in busy]
    policies = find_policies(provable)
    periods = {row.pk: compute_period(policies[row.pk]) for row in provable}
    due = [
        row
        for row in provable
        if (days := periods[row.pk]) is not None and is_due(row.identifier, row.proof_at, now=now, period_days=days)
    ]
    asked = []
    for row in select_askable(due, now=now):
        if row.engine not in busy and _request(row, now=now):
            busy.add(row.engine)
            asked.append(row.identifier)
    return asked


def select_askable(due: Sequence[Any], *, now: datetime) -> list[Any]:
    """Return those of the instances for which a proof may be asked now, in their order, by as many queries for one as
    for all: not asked for yet tonight, their place free, and their set not one that failed its proof already."""
    keys = {make_key(row.identifier, now=now) for row in due}
    asked = set(Operation.objects.filter(idempotency_key__in=keys).values_list("idempotency_key", flat=True))
    places = {row.pk: compute_identifier(row.identifier, InstanceKind.VERIFICATION) for row in due}
    held = set(Operation.objects.filter(lock__in=places.values()).values_list("lock", flat=True))
    failed = ProofReport.objects.filter(backup=OuterRef("proof_set"), outcome=ProofOutcome.FAILED, source=VOLUME)
    rows = Instance.objects.filter(pk__in=places).annotate(proof_set=make_proof_set("pk"))
    refuted = set(rows.filter(Exists(failed)).values_list("pk", flat=True))
    return [
        row
        for row in due
        if make_key(row.identifier, now=now) not in asked and places[row.pk] not in held and row.pk not in refuted
    ]


def make_key(identifier: str, *, now: datetime) -> str:
    """Return the idempotency key of the instance's proof of that night."""
    return f"proof:{identifier}:{localtime(now).date().isoformat()}"


def is_due(identifier: str, proof_at: datetime | None, *, now: datetime, period_days: int) -> bool:
    """Return whether the night of that instance has come since its last proof; one never proven, or whose night was
    missed, is due at once."""
    if proof_at is None or proof_at > now:
        return True
    return (localtime(now).date() - localtime(proof_at).date()).days >= draw_nights(identifier, proof_at, period_days)


def draw_nights(identifier: str, proof_at: datetime, period_days: int) -> int:
    """Return after how many nights the instance is proven again: drawn among the last ones of its period by the very
    moment of its last proof, so that nobody knows the night before, and every look at the clock gives the same."""
    window = max(1, period_days // WINDOW_PART)
    return period_days - compute_slot(identifier, f"proof after {proof_at.isoformat()}", window)


def _request(instance: Instance, *, now: datetime) -> bool:
    """Ask once in a night for a proof, of the set and from the place whose turn it is; return whether it was taken."""
    key = make_key(instance.identifier, now=now)
    try:
        request_operation(kind=PROVE_KIND, instance=instance, requested_by=REQUESTER, idempotency_key=key)
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
