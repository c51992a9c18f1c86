"""Requests that nobody answers end after 72 hours; asker and UEPAL are told a day before. Silence never approves. What
is offered and not fetched is told of a day before its end too (fetches.py ends it)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from domain.errors import CiviparoisseError
from domain.parish_requests import FETCHED, Move, RequestState
from parish_requests.actors import MANAGER
from parish_requests.models import RestoreRequest
from parish_requests.moves import move_request
from parish_requests.record import WARNED, record_event

WARNED_BEFORE = timedelta(hours=24)
UNANSWERED = (RequestState.SUBMITTED.value, RequestState.QUESTION.value)
ENDING = (RequestState.DRAFT.value, *UNANSWERED)
OFFERED = Q(state=RequestState.RUNNING.value, wish__in=[wish.value for wish in FETCHED])
WARNED_OF = Q(state__in=UNANSWERED) | OFFERED

# (request): called inside the transaction that notes the warning.
Warner = Callable[[RestoreRequest], None]
_warners: list[Warner] = []


def register_warner(warner: Warner) -> None:
    """Have `warner` told of every request that ends within WARNED_BEFORE; registered twice, it is told once."""
    if warner not in _warners:
        _warners.append(warner)


def expire_requests(*, now: datetime) -> int:
    """End requests whose time is over, warn of those whose time is nearly over, and return how many have ended."""
    ended = 0
    for request in RestoreRequest.objects.filter(state__in=ENDING, expires_at__lte=now).order_by("pk"):
        try:
            # Whoever answers now has moved that moment.
            move_request(request, Move.EXPIRE, actor=MANAGER, now=now, where={"expires_at__lte": now})
        except CiviparoisseError:
            continue
        ended += 1
    soon = RestoreRequest.objects.filter(
        WARNED_OF, warned_at=None, expires_at__gt=now, expires_at__lte=now + WARNED_BEFORE
    )
    for request in soon.order_by("pk"):
        _warn(request, now=now)
    return ended


def _warn(request: RestoreRequest, *, now: datetime) -> None:
    with transaction.atomic():
        rows = RestoreRequest.objects.filter(WARNED_OF, pk=request.pk, warned_at=None)
        if not rows.filter(expires_at=request.expires_at).update(warned_at=now):
            return
        request.refresh_from_db()
        ends = request.expires_at.isoformat() if request.expires_at else ""
        record_event(request, actor=MANAGER, what=WARNED, data={"ends": ends}, now=now)
        for warner in _warners:
            warner(request)
