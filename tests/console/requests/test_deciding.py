"""Pages before something is done with a request: shown first, done on POST, refused with a reason."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from console.requests.forms import LOCAL_FORMAT
from domain.parish_requests import RequestState, Wish
from operations.role_groups import give_roles, parse_roles
from parish_requests.models import RequestEvent, RestoreRequest
from parish_requests.previews import get_digest
from tests.console.requests.rows import make_contact_row, make_request_row, set_state
from tests.people import read_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
LIST = "/admin/parish_requests/restorerequest/"


def _enter(name: str, role: str = "restorer", **values: str) -> Client:
    user = User.objects.create_user(name, is_staff=True, **values)
    give_roles(user, parse_roles([role]), requested_by="test")
    client = Client(REMOTE_ADDR="192.0.2.50")
    client.force_login(user)
    return client


def _post(client: Client, request: RestoreRequest, code: str, **values: str) -> str:
    answer = client.post(f"{LIST}{request.pk}/decide/{code}/", values, follow=True)
    assert answer.status_code == 200
    request.refresh_from_db()
    return answer.content.decode()


def _approve(client: Client, request: RestoreRequest, **values: str) -> str:
    request.refresh_from_db()
    return _post(client, request, "approve", **{"when": "now", "seen": get_digest(request), **values})


def test_a_request_is_looked_at_and_approved_with_what_was_seen() -> None:
    request = make_request_row(wish=Wish.HELP)
    anne = _enter("anne")
    page = read_page(anne, f"{LIST}{request.pk}/decide/approve/")
    assert f'value="{get_digest(request)}"' in page and "Tout de suite" in page
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED  # looking approves nothing
    assert "Approuvée." in _approve(anne, request)
    assert request.state == RequestState.APPROVED
    event = RequestEvent.objects.get(request=request, what="approve")
    assert (event.actor, event.origin) == ("anne", "192.0.2.50")


def test_it_begins_when_it_was_said() -> None:
    anne = _enter("anne")
    request = make_request_row()
    RestoreRequest.objects.filter(pk=request.pk).update(approvals_needed=1)
    at = (timezone.localtime() + timedelta(days=2)).replace(second=0, microsecond=0)
    _approve(anne, request, when="at", at=at.strftime(LOCAL_FORMAT))
    assert (request.state, request.not_before) == (RequestState.SCHEDULED, at)
    assert "Commence le" in read_page(anne, f"{LIST}{request.pk}/change/")


def test_two_different_persons_approve_what_crosses_a_limit() -> None:
    request = make_request_row()
    RestoreRequest.objects.filter(pk=request.pk).update(approvals_needed=2)
    anne, omar = _enter("anne"), _enter("omar")
    assert "2 personnes différentes" in read_page(anne, f"{LIST}{request.pk}/change/")
    page = _approve(anne, request)
    assert request.state == RequestState.SUBMITTED and "1 autre personne doit encore" in page
    # The same person once more is told so, and changes nothing.
    assert "disabled" in read_page(anne, f"{LIST}{request.pk}/decide/approve/")
    _approve(anne, request)
    assert request.state == RequestState.SUBMITTED and request.approvals.count() == 1
    _approve(omar, request)
    assert request.state == RequestState.APPROVED
    page = read_page(omar, f"{LIST}{request.pk}/change/")
    assert "Approuvée par anne" in page and "Approuvée par omar" in page


def test_whoever_asked_or_entered_it_does_not_decide() -> None:
    contact = make_contact_row(mail="anne@example.org")
    request = make_request_row(contact=contact)
    anne = _enter("anne", email="Anne@example.org")
    page = read_page(anne, f"{LIST}{request.pk}/change/")
    assert f"{LIST}{request.pk}/decide/approve/" not in page and "disabled" in page
    _approve(anne, request)
    assert request.state == RequestState.SUBMITTED and not request.approvals.exists()
    RestoreRequest.objects.filter(pk=request.pk).update(entered_by="omar", channel="by telephone")
    _approve(_enter("omar"), request)
    assert request.state == RequestState.SUBMITTED and not request.approvals.exists()


def test_what_changed_since_it_was_shown_is_shown_again() -> None:
    request = make_request_row()
    anne = _enter("anne")
    values = {"when": "now", "seen": "0" * 64}
    answer = anne.post(f"{LIST}{request.pk}/decide/approve/", values)
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}{request.pk}/decide/approve/")
    page = read_page(anne, f"{LIST}{request.pk}/decide/approve/")
    assert f'value="{get_digest(request)}"' in page
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED


def test_a_question_an_answer_and_a_refusal() -> None:
    request = make_request_row()
    anne, omar = _enter("anne"), _enter("omar", "operator")
    assert "obligatoire" in _post(anne, request, "ask-back", text=" ") and request.state == RequestState.SUBMITTED
    _post(anne, request, "ask-back", text="Which day?")
    assert request.state == RequestState.QUESTION
    _post(omar, request, "answer", text="By telephone: Tuesday")
    assert request.state == RequestState.SUBMITTED
    page = _post(anne, request, "refuse", text="The backup is too old")
    assert request.state == RequestState.REFUSED and "The backup is too old" in page
    for text in ("Which day?", "By telephone: Tuesday"):
        assert text in page
    # It is over: a page that was still open says so.
    page = _approve(anne, request)
    assert request.state == RequestState.REFUSED and "refusée" in page


def test_an_operator_withdraws_for_the_parish_and_does_not_decide() -> None:
    request = make_request_row()
    omar = _enter("omar", "operator")
    assert omar.post(f"{LIST}{request.pk}/decide/refuse/", {"text": "no"}).status_code == 403
    _post(omar, request, "withdraw")
    assert request.state == RequestState.WITHDRAWN


def test_what_failed_is_tried_again_after_a_new_approval() -> None:
    request = set_state(make_request_row(), RequestState.FAILED, error_code="request_set_gone",
                        error_params={"request": "X"}, ended_at=timezone.now())  # fmt: skip
    anne = _enter("anne")
    page = read_page(anne, f"{LIST}{request.pk}/change/")
    assert "Que faire :" in page and "X" in page
    _post(anne, request, "retry")
    assert request.state == RequestState.SUBMITTED and request.expires_at is not None


def test_what_is_done_by_hand_is_finished_with_what_was_done() -> None:
    request = make_request_row(wish=Wish.HELP)
    anne = _enter("anne")
    _approve(anne, request)
    assert "à la main" in read_page(anne, f"{LIST}{request.pk}/change/")
    page = _post(anne, request, "finish", text="I called them")
    assert request.state == RequestState.DONE and "I called them" in page


def test_it_is_compared_again_for_whoever_decides() -> None:
    request = make_request_row()
    before = request.previewed_at
    _post(_enter("anne"), request, "look-again")
    assert request.state == RequestState.SUBMITTED
    assert before is not None and request.previewed_at is not None and request.previewed_at > before


def test_a_draft_is_sent_from_its_page() -> None:
    request = make_request_row(is_sent=False)
    _post(_enter("omar", "operator"), request, "send")
    assert request.state == RequestState.SUBMITTED
