"""Who works on an operation: a lease taken by one conditional UPDATE, renewed, released, and asked before every write.

A lease belongs to one run of the runner, not to a process: a run that lost it (paused too long, cut off from the
database) finds out at its next write and stops without having written.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Coalesce

from domain.states import ACTIVE_OPERATION_STATES, OperationState
from operations.models import Operation
from operations.registry import select_codes

Clock = Callable[[], datetime]

# No step but one that waits for people pauses for longer (retries: 75 s), and no two machines' clocks differ by more.
LONGEST_PAUSE = timedelta(minutes=5)


class LeaseLost(Exception):
    """Another run holds the operation now, or it has ended: stop at once, write nothing."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write on one operation, as long as `token` is on its row."""

    operation_id: int
    public_id: str
    token: str


def select_due(now: datetime) -> QuerySet[Operation]:
    """Return the operations that anybody may claim at `now`: not ended, due, and held by no living run.

    What was written while the clock was ahead is due now, not hours later: leases beyond the longest that can be given,
    pauses beyond the longest that is made, and any pause that began in what is the future now. Looking too early only
    costs a look; a run that lives and lost its lease by this stops at its next write.
    """
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now) | Q(lease_until__gt=_compute_end(_compute_end(now)))
    due = Q(next_run_at__isnull=True) | Q(next_run_at__lte=now)
    patient = select_codes(lambda kind: any(step.waits_for_people for step in kind.steps))
    too_long = Q(next_run_at__gt=now + LONGEST_PAUSE) & ~Q(kind__in=patient)
    begun_ahead = Q(heartbeat_at__gt=now + LONGEST_PAUSE) | Q(created_at__gt=now + LONGEST_PAUSE)
    active = [state.value for state in ACTIVE_OPERATION_STATES]
    return Operation.objects.filter(free, due | too_long | begun_ahead, state__in=active)


def claim(public_id: str, *, now: datetime) -> Lease | None:
    """Take the operation if it is due and free. None: it is not, or another run was first; a normal answer.

    `attempt` counts the first run and every run that took over from one that died.
    """
    token = secrets.token_hex(16)
    taken_over = Q(state=OperationState.QUEUED.value) | ~Q(lease_owner="")
    # MySQL evaluates the assignments in this order, on the values already assigned: what is read comes first.
    touched = (
        select_due(now)
        .filter(public_id=public_id)
        .update(
            attempt=F("attempt") + Case(When(taken_over, then=1), default=0),
            started_at=Coalesce(F("started_at"), now),
            state=OperationState.RUNNING.value,
            lease_owner=token,
            lease_until=_compute_end(now),
            heartbeat_at=now,
            next_run_at=None,
        )
    )
    if touched != 1:
        return None
    operation_id = Operation.objects.values_list("pk", flat=True).get(public_id=public_id)
    return Lease(operation_id, public_id, token)


def renew(lease: Lease, *, now: datetime) -> None:
    """Hold the operation for another lease. Raise LeaseLost when it is not ours any more."""
    held = Operation.objects.filter(pk=lease.operation_id, lease_owner=lease.token)
    if held.update(lease_until=_compute_end(now), heartbeat_at=now) != 1:
        raise LeaseLost(lease.public_id)


@contextmanager
def fenced(lease: Lease, *, now: datetime) -> Iterator[None]:
    """A transaction whose writes count only while we hold the lease. Raise LeaseLost before any of them otherwise.

    The renewal locks the operation's row until the end, so nobody can take the lease in between.
    """
    with transaction.atomic():
        renew(lease, now=now)
        yield


def release(lease: Lease, *, now: datetime, next_run_at: datetime) -> None:
    """Give the operation back until `next_run_at`. Raise LeaseLost when it is not ours any more."""
    held = Operation.objects.filter(pk=lease.operation_id, lease_owner=lease.token)
    touched = held.update(
        state=OperationState.WAITING.value,
        lease_owner="",
        lease_until=None,
        heartbeat_at=now,
        next_run_at=next_run_at,
    )
    if touched != 1:
        raise LeaseLost(lease.public_id)


def _compute_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.LEASE_SECONDS)
