"""What the page of a request tells: facts, approvals, mails, and what waits."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.utils import timezone, translation

from console.requests.facts import describe_request, list_facts
from domain.parish_requests import RequestState, Wish
from parish_requests.models import ContactMail, RequestApproval, RestoreRequest
from tests.console.requests.rows import make_request_row, set_state
from tests.people import make_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
LIST = "/admin/parish_requests/restorerequest/"


def _facts(request: RestoreRequest) -> dict[str, str]:
    with translation.override("fr"):
        return dict(list_facts(request))


def test_only_what_is_known_is_told() -> None:
    told = _facts(make_request_row(wish=Wish.HELP))
    assert told["Demande"] == "de l’aide" and "Moment auquel revenir" not in told and "Quelle étendue" not in told
    assert "Close sans réponse le" in told and "Commence le" not in told and "La paroisse est satisfaite" not in told


def test_a_moment_that_is_gone_is_said_to_be_gone() -> None:
    request = make_request_row()
    assert "Moment auquel revenir" in _facts(request)
    RestoreRequest.objects.filter(pk=request.pk).update(backup=None)
    request.refresh_from_db()
    assert _facts(request)["Moment auquel revenir"] == "la sauvegarde n’existe plus"


def test_the_end_is_told_with_what_the_parish_thinks_of_it() -> None:
    ended = {"ended_at": timezone.now(), "is_satisfied": False, "satisfied_why": "too late"}
    told = _facts(set_state(make_request_row(), RequestState.DONE, **ended))
    assert told["La paroisse est satisfaite"].endswith("too late") and "Close sans réponse le" not in told


def _describe(request: RestoreRequest) -> dict[str, object]:
    client = make_client("parish_requests.view_restorerequest", "parish_requests.approve_restorerequest")
    with translation.override("fr"):
        context: dict[str, object] = client.get(f"{LIST}{request.pk}/change/").context_data  # type: ignore[attr-defined]
    return context


def test_who_has_approved_and_who_is_still_needed() -> None:
    request = make_request_row()
    RestoreRequest.objects.filter(pk=request.pk).update(approvals_needed=2)
    RequestApproval.objects.create(request=request, by="omar", at=timezone.now(), preview_sha256="0" * 64)
    told = _describe(request)["approvals"]
    assert isinstance(told, list) and len(told) == 2 and "omar" in told[0] and "1 autre personne" in told[1]


def test_what_became_of_each_mail_and_no_secret_one() -> None:
    request, now = make_request_row(wish=Wish.HELP), timezone.now()
    ContactMail.objects.filter(request=request).delete()
    for number, values in enumerate(
        ({"sent_at": now}, {"given_up_at": now}, {"last_error": "SMTP 451"}, {"is_secret": True})
    ):
        ContactMail.objects.create(
            request=request, message_id=f"m{number}", address=f"a{number}@example.org", subject="s", body="secret text",
            created_at=now - timedelta(minutes=number), due_at=now, **values,
        )  # fmt: skip
    client = make_client("parish_requests.view_restorerequest")
    page = client.get(f"{LIST}{request.pk}/change/").content.decode()
    for text in ("a0@example.org", "a1@example.org", "SMTP 451", "abandonné", "en route"):
        assert text in page, text
    assert "a3@example.org" not in page and "secret text" not in page


def test_what_is_under_way_is_read_again_and_what_has_ended_is_not() -> None:
    request = make_request_row(wish=Wish.HELP)
    client = make_client("parish_requests.view_restorerequest")
    address = f"{LIST}{request.pk}/part/"
    assert f'data-refresh-url="{address}"' not in client.get(f"{LIST}{request.pk}/change/").content.decode()
    set_state(request, RequestState.RUNNING)
    page = client.get(f"{LIST}{request.pk}/change/").content.decode()
    assert f'data-refresh-url="{address}"' in page and "<html" not in client.get(address).content.decode()
    set_state(request, RequestState.DONE)
    assert "data-refresh-ended" in client.get(address).content.decode()


def test_nothing_is_told_of_what_would_happen_once_it_has_ended() -> None:
    request = make_request_row()
    assert _describe(request)["outcome"]
    set_state(request, RequestState.REFUSED, refusal="too old")
    http = RequestFactory().get("/")
    http.user = User.objects.get(username="jeanne")
    request.refresh_from_db()
    told = describe_request(http, request)
    assert told["outcome"] == [] and told["decisions"] == [] and told["obstacles"] == []
