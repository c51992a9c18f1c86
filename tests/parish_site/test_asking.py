"""A parish asks: four questions with an answer at hand; nothing is written before the last, what was typed stays."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from domain.parish_requests import RequestState
from parish_requests.models import RestoreRequest
from parish_site.asking import OTHERS
from tenants.models import Instance
from tests.parish_site.people import enter, make_contact_row

pytestmark = pytest.mark.django_db

BackedUp = tuple[Instance, str]


@pytest.fixture
def inside(backed_up: BackedUp) -> Client:
    """Jeanne's browser; her parish has one good set."""
    assert backed_up
    return enter(make_contact_row())


def walk(inside: Client, backup_id: str, *, extent: str = "data", why: str = "Un import raté") -> Any:
    """Answer the four questions; return the last answer."""
    given = {"cause": "import"}
    page = inside.get("/paroisse/demander/moment/", given)
    assert page.context["proposed"] == backup_id
    given["moment"] = backup_id
    page = inside.get("/paroisse/demander/etendue/", given)
    assert page.context["proposed"] == "data"
    given["extent"] = extent
    assert inside.get("/paroisse/demander/raison/", given).status_code == 200
    assert not RestoreRequest.objects.exists()
    return inside.post("/paroisse/demander/raison/", {**given, "why": why})


def test_four_answers_make_a_draft_that_is_shown_before_it_is_sent(inside: Client, backed_up: BackedUp) -> None:
    answer = walk(inside, backed_up[1])
    request = RestoreRequest.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/paroisse/demandes/{request.reference}/")
    told = (request.wish, request.cause, request.scope, request.why, request.asked_mail)
    assert told == ("restore", "import", "data", "Un import raté", "jeanne@saint-paul.example.org")
    assert request.state == RequestState.DRAFT and request.backup is not None
    assert [event.what for event in request.events.order_by("number")] == ["begun", "shown"]
    page = inside.get(answer["Location"]).content.decode()
    assert "Ce qu’elle changerait" in page and "Envoyer" in page


def test_to_be_shown_first_is_sent_at_once_since_nothing_is_lost(inside: Client, backed_up: BackedUp) -> None:
    walk(inside, backed_up[1], extent="show_first", why="")
    request = RestoreRequest.objects.get()
    assert (request.wish, request.scope, request.state) == ("show_first", "everything", RequestState.SUBMITTED)


@pytest.mark.parametrize("wish", OTHERS)
def test_other_things_are_asked_for_on_one_page(inside: Client, wish: str) -> None:
    place = f"/paroisse/demander/autre/{wish}/"
    assert inside.get(place).status_code == 200
    answer = inside.post(place, {"why": "Avant un import"})
    request = RestoreRequest.objects.get()
    assert answer.status_code == 302 and (request.wish, request.state) == (wish, RequestState.SUBMITTED)


def test_without_words_help_is_not_asked_for_and_too_many_are_kept_for_correction(inside: Client) -> None:
    page = inside.post("/paroisse/demander/autre/help/", {"why": "  "})
    assert page.status_code == 400 and not RestoreRequest.objects.exists()
    long = "x" * 4001
    page = inside.post("/paroisse/demander/autre/help/", {"why": long})
    assert page.status_code == 400 and long in page.content.decode()


@pytest.mark.parametrize(
    ("page", "given", "question"),
    [
        ("moment", {}, "Que s’est-il passé"),
        ("moment", {"cause": "nothing"}, "Que s’est-il passé"),
        ("etendue", {"cause": "import"}, "À quel moment"),
        ("etendue", {"cause": "import", "moment": "20200101T000000Z-000000"}, "À quel moment"),
        ("raison", {"cause": "import"}, "À quel moment"),
        ("raison", {"moment": "own"}, "Que s’est-il passé"),
        ("raison", {"cause": "import", "moment": "own"}, "Quelle étendue"),
        ("raison", {"cause": "import", "moment": "own", "extent": "all\x00"}, "Quelle étendue"),
    ],
)
def test_a_missing_answer_is_asked_for_again(
    inside: Client, backed_up: BackedUp, page: str, given: dict[str, str], question: str
) -> None:
    fields = {name: backed_up[1] if value == "own" else value for name, value in given.items()}
    answer = inside.get(f"/paroisse/demander/{page}/", fields)
    assert answer.status_code == 400
    assert question in str(answer.context["error"]) and question in answer.content.decode()


def test_a_file_is_looked_for_before_the_reason(inside: Client, backed_up: BackedUp) -> None:
    given = {"cause": "deleted", "moment": backed_up[1], "extent": "part"}
    answer = inside.get("/paroisse/demander/raison/", given)
    assert answer.status_code == 302 and answer["Location"].startswith("/paroisse/demander/fichier/?")
    assert {name: value[0] for name, value in parse_qs(urlsplit(answer["Location"]).query).items()} == given
    given["part"] = "sites/default/files/photo.jpg"
    answer = inside.post("/paroisse/demander/raison/", {**given, "why": "Effacée"})
    assert answer.status_code == 302 and RestoreRequest.objects.get().part == given["part"]


def test_a_bad_name_of_a_file_is_refused_and_what_was_typed_stays(inside: Client, backed_up: BackedUp) -> None:
    given = {"cause": "deleted", "moment": backed_up[1], "extent": "part", "part": "../../etc/passwd", "why": "Ici"}
    page = inside.post("/paroisse/demander/raison/", given)
    assert page.status_code == 400 and ">Ici</textarea>" in page.content.decode()
    assert not RestoreRequest.objects.exists()


def test_who_is_only_informed_does_not_ask(backed_up: BackedUp) -> None:
    informed = enter(make_contact_row(may_ask=False))
    for place in ("", "moment/", "etendue/", "raison/", "fichier/", "autre/help/"):
        assert informed.get(f"/paroisse/demander/{place}").status_code == 403, place
    assert informed.post("/paroisse/demander/autre/help/", {"why": "x"}).status_code == 403
    assert not RestoreRequest.objects.exists()
    assert backed_up[1] and "Faire une demande" not in informed.get("/paroisse/").content.decode()


def test_what_nobody_asks_for_here_is_not_there(inside: Client) -> None:
    for wish in ("undo", "restore", "nothing"):
        assert inside.post(f"/paroisse/demander/autre/{wish}/", {"why": "x"}).status_code == 404
