"""The pages of a parish's requests: all of them, one of them, and what its people do with it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from domain.errors import CiviparoisseError
from domain.parish_requests import Move, RequestState, list_before
from parish_requests.asking import (
    RATED_IN,
    answer_question,
    rate_result,
    show_preview,
    submit_request,
    withdraw_request,
)
from parish_requests.fetches import get_recipient, is_offered_to
from parish_requests.models import RestoreRequest
from parish_requests.preview import changes_data
from parish_requests.preview_texts import describe_preview
from parish_requests.previews import get_digest
from parish_requests.selectors import get_request, get_rules, list_requests
from parish_requests.undoing import find_undo, request_undo
from parish_requests.wording import RATING_LENGTH, TEXT_LENGTH
from parish_site.doorway import Visit, door_page, show_page
from parish_site.progress import describe_progress
from parish_site.request_history import list_history
from parish_site.request_words import describe_next, list_answers, list_visible, make_line, make_title

PER_PAGE = 20

Act = Callable[[RestoreRequest, Mapping[str, str], Visit], RestoreRequest]


@door_page("GET")
def show_requests(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show all requests of the parish, the newest first, some at a time."""
    rows = list_visible(list_requests(tenants=[visit.tenant.pk]), visit.person)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return show_page(request, "requests.html", visit, page=page, lines=[make_line(row) for row in page])


@door_page("GET")
def show_request(request: HttpRequest, visit: Visit, reference: str) -> HttpResponse:
    """Show one request: where it is, what it would change, what was said, and what can be done now."""
    return show_own(request, visit, find_own(reference, visit))


@door_page("POST")
def act_on_request(request: HttpRequest, visit: Visit, reference: str, act: str) -> HttpResponse:
    """Do one of ACTS with a request, and show the request that it is about then. A refusal leaves what was typed."""
    row = find_own(reference, visit)
    if act not in ACTS:
        raise Http404
    try:
        if not visit.person.may_ask:
            raise CiviparoisseError("contact_may_not_ask")
        after = ACTS[act](row, request.POST, visit)
    except CiviparoisseError as error:
        return show_own(request, visit, find_own(reference, visit), error=error, typed=request.POST)
    return HttpResponseRedirect(reverse("door-request", args=[after.reference]))


def find_own(reference: str, visit: Visit) -> RestoreRequest:
    """Return a request of the parish of who is in. Raise NotFound for an unknown reference, and the same for another
    parish's."""
    row = get_request(reference)
    if not list_visible(RestoreRequest.objects.filter(pk=row.pk), visit.person).exists():
        raise Http404
    return row


def _send(row: RestoreRequest, given: Mapping[str, str], visit: Visit) -> RestoreRequest:
    """Send what was seen; where it would change something else now, it is shown again first."""
    if changes_data(row) and row.state == RequestState.DRAFT:
        show_preview(row, actor=visit.actor, now=visit.now)
        if given.get("seen") != get_digest(row):
            raise CiviparoisseError("request_preview_changed", request=row.reference)
    return submit_request(row, actor=visit.actor, now=visit.now)


def _withdraw(row: RestoreRequest, _given: Mapping[str, str], visit: Visit) -> RestoreRequest:
    return withdraw_request(row, actor=visit.actor, now=visit.now)


def _answer(row: RestoreRequest, given: Mapping[str, str], visit: Visit) -> RestoreRequest:
    return answer_question(row, given.get("text", ""), actor=visit.actor, now=visit.now)


def _undo(row: RestoreRequest, given: Mapping[str, str], visit: Visit) -> RestoreRequest:
    undo = request_undo(
        row, actor=visit.actor, contact=visit.person, why=given.get("why", ""), is_draft=True, now=visit.now
    )
    return show_preview(undo, actor=visit.actor, now=visit.now)


def _rate(row: RestoreRequest, given: Mapping[str, str], visit: Visit) -> RestoreRequest:
    if given.get("satisfied") not in ("yes", "no"):
        raise CiviparoisseError("door_rating_missing")
    is_satisfied = given["satisfied"] == "yes"
    return rate_result(row, is_satisfied=is_satisfied, why=given.get("why", ""), actor=visit.actor, now=visit.now)


ACTS: Mapping[str, Act] = {
    "envoyer": _send,
    "retirer": _withdraw,
    "repondre": _answer,
    "defaire": _undo,
    "satisfait": _rate,
}


def show_own(
    request: HttpRequest,
    visit: Visit,
    row: RestoreRequest,
    *,
    error: CiviparoisseError | None = None,
    typed: Mapping[str, str] | None = None,
    new_key: str = "",
) -> HttpResponse:
    """Return the page of a request. `error`: what was refused of what was `typed`; `new_key`: the private half of a key
    that was made in this moment, which no other page shows."""
    context: dict[str, Any] = {
        "row": row,
        "title": make_title(row),
        "next": describe_next(row),
        "answers": list_answers(row),
        "preview": describe_preview(row.preview) if changes_data(row) else None,
        "digest": get_digest(row),
        "history": list_history(row),
        "progress": describe_progress(row, now=visit.now),
        "undo": find_undo(row, now=visit.now),
        "can_withdraw": row.state in list_before(Move.WITHDRAW, row.wish),
        "can_rate": row.state in RATED_IN,
        "is_offered": is_offered_to(row, visit.person, now=visit.now),
        "recipient": get_recipient(row),
        "new_key": new_key,
        "copy": row.sandbox if row.state == RequestState.DONE else None,
        "most_text": TEXT_LENGTH,
        "most_rating": RATING_LENGTH,
        "rules": get_rules(),
        "error": error,
        "typed": typed or {},
    }
    return show_page(request, "request.html", visit, **context)
