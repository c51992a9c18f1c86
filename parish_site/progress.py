"""How far what runs for a request is, in words, and when the site is expected back, from measured times."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from domain.parish_requests import RequestState
from domain.states import OperationKind, OperationState
from operations.closing import expect_back_at
from operations.registry import get_kind
from parish_requests.models import RestoreRequest
from tenants.closed_page import word_back_at


@dataclass(frozen=True, slots=True)
class Progress:
    """`percent`: of the operation under way; `text`: a sentence; `back_at`: when it is expected to be done, in words,
    "" where nothing was measured yet; `is_late`: it takes longer than was said."""

    percent: int
    text: str
    back_at: str
    is_late: bool = False


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
    back_at = expect_back_at(operation)
    is_late = back_at is not None and back_at <= now
    return Progress(operation.progress, text, "" if back_at is None or is_late else word_back_at(back_at), is_late)
