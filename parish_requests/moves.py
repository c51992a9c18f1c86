"""The one way in which a request changes its state: one conditional update, one line of its record, together.

Of two who act at the same time one wins; the other gets `request_state_forbids` and has changed nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from domain.errors import CiviparoisseError
from domain.parish_requests import ENDED_STATES, MOVES, Move, list_before
from parish_requests.actors import Actor
from parish_requests.models import RestoreRequest
from parish_requests.record import record_event

# (request after the move, move, who moved it): called inside the move's transaction, so that what it writes (a mail)
# is written if and only if the move is.
Listener = Callable[[RestoreRequest, Move, Actor], None]
_listeners: list[Listener] = []


def register_listener(listener: Listener) -> None:
    """Have `listener` told of every move; registered twice, it is told once."""
    if listener not in _listeners:
        _listeners.append(listener)


def move_request(
    request: RestoreRequest,
    move: Move,
    *,
    actor: Actor,
    now: datetime,
    changes: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    where: Mapping[str, Any] | None = None,
) -> RestoreRequest:
    """Move `request` and return it, as it is then. `changes`: its columns that change with it; `data`: of the line of
    the record; `where`: what else must still be so of its columns. Raise CiviparoisseError `request_state_forbids`
    where it is not in a state in which `move` is possible; then nothing was written."""
    before, after = list_before(move, request.wish), MOVES[move][1]
    values = {"state": after.value, "ended_at": now if after in ENDED_STATES else None, **(changes or {})}
    with transaction.atomic():
        rows = RestoreRequest.objects.filter(pk=request.pk, state__in=[state.value for state in before])
        if rows.filter(**(where or {})).update(**values) != 1:
            request.refresh_from_db()
            raise make_state_error(request, move)
        request.refresh_from_db()
        record_event(request, actor=actor, what=move.value, data=data, now=now)
        for listener in _listeners:
            listener(request, move, actor)
    return request


def make_state_error(request: RestoreRequest, move: Move) -> CiviparoisseError:
    """Return the refusal of a move that the state of the request does not allow."""
    return CiviparoisseError(
        "request_state_forbids", request=request.reference, request_state=request.state, move=move.value
    )
