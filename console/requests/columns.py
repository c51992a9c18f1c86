"""What lists and pages show of a request: its state as a badge, who asked, and what waits for UEPAL."""

from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from civiparoisse.presentation import BAD, BUSY, DOUBTFUL, GOOD, NOTHING, QUIET
from console.instances.columns import make_badge
from domain.parish_requests import OPEN_STATES, RequestState
from parish_requests.models import RestoreRequest
from parish_requests.plans import BY_HAND

STATE_COLOURS = {
    RequestState.DRAFT.value: QUIET,
    RequestState.SUBMITTED.value: DOUBTFUL,
    RequestState.QUESTION.value: BUSY,
    RequestState.APPROVED.value: BUSY,
    RequestState.SCHEDULED.value: BUSY,
    RequestState.RUNNING.value: BUSY,
    RequestState.DONE.value: GOOD,
    RequestState.UNDONE.value: QUIET,
    RequestState.REFUSED.value: QUIET,
    RequestState.EXPIRED.value: DOUBTFUL,
    RequestState.WITHDRAWN.value: QUIET,
    RequestState.FAILED.value: BAD,
}
# Approved: where people do it, they are to do it.
BEGUN = [RequestState.APPROVED.value, RequestState.RUNNING.value]
# What has failed stays among what waits for UEPAL so long.
FAILED_SHOWN = timedelta(days=7)
# What lists never read: long, and nobody's business there.
UNREAD = ("why", "preview", "refusal", "tenant__smtp_password", "tenant__imap_password", "instance__secrets")


def make_state_badge(request: RestoreRequest) -> SafeString:
    """Return the state of a request as a badge."""
    return make_badge(request.get_state_display(), STATE_COLOURS[request.state])


def describe_asker(request: RestoreRequest) -> str:
    """Return who asked; that UEPAL entered it, and how it was asked, stands beside it for ever."""
    name = request.asked_name or (_("the parish") if request.entered_by else NOTHING)
    if not request.entered_by:
        return name
    return _("%(name)s – entered by %(account)s (%(channel)s)") % {
        "name": name,
        "account": request.entered_by,
        "channel": request.channel,
    }


def select_waiting(rows: QuerySet[RestoreRequest], *, now: Any) -> QuerySet[RestoreRequest]:
    """Return those of `rows` with which UEPAL has something to do: decide, do by hand, or look why one has failed."""
    is_by_hand = Q(wish__in=sorted(BY_HAND), state__in=BEGUN)
    is_failed = Q(state=RequestState.FAILED.value, ended_at__gt=now - FAILED_SHOWN)
    return rows.filter(Q(state=RequestState.SUBMITTED.value) | is_by_hand | is_failed)


def select_for_list(rows: QuerySet[RestoreRequest]) -> QuerySet[RestoreRequest]:
    """Return `rows` with all that a list shows, in one query: what waits for UEPAL first, then what is open."""
    rank = Case(
        When(state=RequestState.SUBMITTED.value, then=Value(0)),
        When(state__in=[state.value for state in OPEN_STATES], then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    rows = rows.select_related("tenant", "instance").defer(*UNREAD)
    return rows.annotate(rank=rank, approved_by=Count("approvals", distinct=True))
