"""How far what runs for a request is, in words, and when the site is expected back, from measured times."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from domain.parish_requests import RequestState
from domain.states import OperationKind, OperationState
from operations.models import Operation
from operations.registry import get_kind
from parish_requests.models import RestoreRequest

MEASURED = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """`percent`: of the operation under way; `text`: a sentence; `back_at`: when it is expected to be done, in words,
    "" where nothing was measured yet."""

    percent: int
    text: str
    back_at: str


def describe_progress(request: RestoreRequest, *, now: datetime) -> Progress | None:
    """Return how far a request is that is being done; None for one that is not, or that people do."""
    operation = request.operation
    if request.state != RequestState.RUNNING or operation is None:
        return None
    told = get_kind(operation.kind).parish_words.meanwhile
    if request.sandbox_id is not None:
        told = get_kind(OperationKind.PROVISION).parish_words.meanwhile
    text = "" if told is None else str(told)
    if operation.state == OperationState.QUEUED:
        text = _("It begins in a moment.")
    return Progress(operation.progress, text, _estimate(operation, now=now))


def _estimate(operation: Operation, *, now: datetime) -> str:
    """Return when an operation is expected to end: as long after its beginning as such operations of the same instance
    took. "" where none did, and where it takes longer than they."""
    rows = Operation.objects.filter(kind=operation.kind, instance=operation.instance).exclude(started_at=None)
    rows = rows.filter(state=OperationState.SUCCEEDED.value)
    times = list(rows.order_by("-pk").values_list("started_at", "ended_at")[:MEASURED])
    seconds = [(ended - started).total_seconds() for started, ended in times if started and ended]
    if not seconds or operation.started_at is None:
        return ""
    end = operation.started_at + timedelta(seconds=median(seconds))
    return date_format(localtime(end + timedelta(minutes=1)), "H:i") if end > now else ""
