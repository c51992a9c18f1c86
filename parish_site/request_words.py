"""A request in words, for the people of its parish."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.parish_requests import FETCHED, RequestScope, RequestState, Wish
from parish_requests.models import ParishContact, RestoreRequest
from parish_requests.plans import BY_HAND

TITLES: Mapping[str, Any] = {
    Wish.RESTORE.value: gettext_lazy("Go back to %(moment)s"),
    Wish.SHOW_FIRST.value: gettext_lazy("Be shown %(moment)s first"),
    Wish.PRACTICE.value: gettext_lazy("A copy to practise on"),
    Wish.BACKUP.value: gettext_lazy("A backup now"),
    Wish.DOWNLOAD.value: gettext_lazy("Our data as a file"),
    Wish.HELP.value: gettext_lazy("Help"),
    Wish.UNDO.value: gettext_lazy("Undo the return to %(moment)s"),
}
NEXT: Mapping[str, Any] = {
    RequestState.DRAFT.value: gettext_lazy("Not sent yet: look at what it would change, then send it."),
    RequestState.SUBMITTED.value: gettext_lazy(
        "UEPAL has it, and answers by mail. You can take it back until it begins."
    ),
    RequestState.QUESTION.value: gettext_lazy("UEPAL has asked you something: please answer below."),
    RequestState.APPROVED.value: gettext_lazy("UEPAL has approved it; it begins within minutes."),
    RequestState.SCHEDULED.value: gettext_lazy("UEPAL has approved it; it begins %(time)s."),
    RequestState.RUNNING.value: gettext_lazy("It is being done. You can close this page: a mail tells you of the end."),
    RequestState.DONE.value: gettext_lazy("It is done."),
    RequestState.UNDONE.value: gettext_lazy("It was done, and undone since."),
    RequestState.REFUSED.value: gettext_lazy("UEPAL has refused it."),
    RequestState.EXPIRED.value: gettext_lazy("It ended without an answer. Ask again, or call UEPAL."),
    RequestState.WITHDRAWN.value: gettext_lazy("It was taken back; nothing was changed."),
    RequestState.FAILED.value: gettext_lazy("It could not be done: UEPAL has been told, and sees to it."),
}
# Of data that is fetched, once it was approved.
NEXT_OF_DATA: Mapping[str, Any] = {
    RequestState.RUNNING.value: gettext_lazy("Your data is ready, until %(until)s, for whoever asked for it."),
    RequestState.DONE.value: gettext_lazy("It was fetched, whole."),
    RequestState.EXPIRED.value: gettext_lazy("It was not fetched in time. Ask again, or call UEPAL."),
}


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request in a list."""

    reference: str
    title: str
    state: str
    at: datetime
    is_urgent: bool


def list_visible(rows: QuerySet[RestoreRequest], contact: ParishContact) -> QuerySet[RestoreRequest]:
    """Narrow requests to what `contact` may see: those of its own parish; drafts are their writer's alone."""
    own = rows.filter(tenant_id=contact.tenant_id)
    return own.filter(~Q(state=RequestState.DRAFT.value) | Q(asked_by=contact))


def make_line(request: RestoreRequest) -> RequestLine:
    """Return a request as a line of a list."""
    return RequestLine(
        reference=request.reference,
        title=make_title(request),
        state=str(request.get_state_display()),
        at=request.submitted_at or request.created_at,
        is_urgent=request.state in (RequestState.QUESTION, RequestState.DRAFT),
    )


def make_title(request: RestoreRequest) -> str:
    """Return what is asked for, in a few words."""
    return str(TITLES[request.wish]) % {"moment": _word_moment(request)}


def describe_next(request: RestoreRequest) -> str:
    """Return where the request is, and what comes next."""
    text = str(NEXT[request.state])
    if request.state == RequestState.RUNNING and request.wish in BY_HAND:
        text = _("Somebody of UEPAL sees to it, and writes to you.")
    if request.wish in FETCHED and request.decided_at is not None:
        text = str(NEXT_OF_DATA.get(request.state, text))
    return text % {"time": _write(request.not_before), "until": _write(request.expires_at)}


def list_answers(request: RestoreRequest) -> list[tuple[str, str]]:
    """Return what the parish answered to the four questions, as (question, answer)."""
    asked = [(_("Asked for"), make_title(request))]
    if request.wish == Wish.RESTORE:
        asked.append((_("What happened"), str(request.get_cause_display())))
        part = f": {request.part}" if request.scope == RequestScope.PART else ""
        asked.append((_("How much"), f"{request.get_scope_display()}{part}"))
    if request.wish in FETCHED and request.backup is not None:
        asked.append((_("As it was on"), _write(request.backup.started_at)))
    if request.recipient:
        asked.append((_("Sealed to your key"), request.recipient))
    if request.why:
        asked.append((_("Why"), request.why))
    who = request.asked_name or _("UEPAL")
    if request.entered_by:
        who = _("%(name)s (entered by UEPAL for the parish: %(channel)s)") % {"name": who, "channel": request.channel}
    return [*asked, (_("Asked by"), who)]


def _word_moment(request: RestoreRequest) -> str:
    if request.wish == Wish.UNDO and request.undoes is not None:
        return _word_moment(request.undoes)
    return _write(request.backup.started_at) if request.backup is not None else _("an earlier moment")


def _write(moment: datetime | None) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment is not None else ""
