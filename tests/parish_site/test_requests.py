"""A parish follows its request: sent as it was shown, answered, taken back, judged, undone."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from domain.parish_requests import RequestState
from parish_requests.deciding import ask_back, refuse_request
from parish_requests.models import ParishContact, RestoreRequest
from parish_requests.record import find_record_break
from parish_requests.running import advance_requests
from tenants.models import Instance
from tests.operations.conftest import Finish, MovedClock
from tests.parish_requests.cast import approve, make_approved, make_draft, make_person, make_sent, make_staff
from tests.parish_site.people import enter, make_contact_row

pytestmark = pytest.mark.django_db

BackedUp = tuple[Instance, str]


@pytest.fixture
def jeanne(backed_up: BackedUp) -> ParishContact:
    """Jeanne of the parish that has a good set."""
    assert backed_up
    return make_contact_row()


@pytest.fixture
def inside(jeanne: ParishContact) -> Client:
    """Her browser."""
    return enter(jeanne)


def act(inside: Client, request: RestoreRequest, name: str, **given: str) -> Any:
    return inside.post(f"/paroisse/demandes/{request.reference}/{name}/", given)


def read(inside: Client, request: RestoreRequest) -> str:
    page = inside.get(f"/paroisse/demandes/{request.reference}/")
    assert page.status_code == 200
    return str(page.content.decode())


def test_what_was_seen_is_sent_and_what_was_not_is_shown_first(inside: Client, backed_up: BackedUp) -> None:
    request = make_draft(backed_up[0])
    page = act(inside, request, "envoyer", seen="another")
    assert page.status_code == 409 and RestoreRequest.objects.get().state == RequestState.DRAFT
    answer = act(inside, request, "envoyer", seen=page.context["digest"])
    assert answer.status_code == 302
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED and find_record_break(request) is None
    assert "répond par courriel" in read(inside, request)
    assert act(inside, request, "envoyer", seen=page.context["digest"]).status_code == 409


def test_a_question_is_answered_and_both_stand_there(inside: Client, backed_up: BackedUp) -> None:
    request, marc = make_sent(backed_up[0]), make_person()
    ask_back(request, "Quel import ?", person=marc, actor=make_staff(marc), now=timezone.now())
    assert "Quel import ?" in read(inside, request)
    refused = act(inside, request, "repondre", text=" ")
    assert refused.status_code == 400
    too_long = "y" * 2001
    assert too_long in act(inside, request, "repondre", text=too_long).content.decode()
    assert act(inside, request, "repondre", text="Celui de mardi").status_code == 302
    page = read(inside, request)
    assert "Celui de mardi" in page and "Jeanne" in page
    assert "marc" not in page, "who works at UEPAL is not named"


def test_it_is_taken_back_until_it_begins(inside: Client, backed_up: BackedUp) -> None:
    request = make_sent(backed_up[0])
    assert act(inside, request, "retirer").status_code == 302
    assert "retirée" in read(inside, request)
    assert act(inside, request, "retirer").status_code == 409


def test_a_refusal_is_told_with_its_reason(inside: Client, backed_up: BackedUp) -> None:
    request, marc = make_sent(backed_up[0]), make_person()
    refuse_request(request, "Trop de dons seraient perdus.", person=marc, actor=make_staff(marc), now=timezone.now())
    assert "Trop de dons seraient perdus." in read(inside, request)


def test_done_it_is_judged_and_undone(inside: Client, backed_up: BackedUp, finish: Finish, clock: MovedClock) -> None:
    request = make_approved(backed_up[0])
    advance_requests(now=timezone.now())
    request.refresh_from_db()
    assert request.operation is not None
    assert "<progress" in read(inside, request)
    clock.now = max(clock.now, timezone.now() + timedelta(seconds=20))
    finish(request.operation)
    advance_requests(now=timezone.now())
    assert "C’est fait" in read(inside, request)
    assert act(inside, request, "satisfait").status_code == 400
    assert act(inside, request, "satisfait", satisfied="yes", why="Merci").status_code == 302
    assert "Est-ce ce que vous vouliez" not in read(inside, request)
    answer = act(inside, request, "defaire")
    undo = RestoreRequest.objects.get(wish="undo")
    assert (answer.status_code, answer["Location"]) == (302, f"/paroisse/demandes/{undo.reference}/")
    assert (undo.state, undo.undoes) == (RequestState.DRAFT, request)
    page = inside.get(answer["Location"])
    assert act(inside, undo, "envoyer", seen=page.context["digest"]).status_code == 302
    for name in ("anne", "bruno")[: RestoreRequest.objects.get(pk=undo.pk).approvals_needed]:
        approve(undo, make_person(name))
    advance_requests(now=timezone.now())
    undo.refresh_from_db()
    assert undo.operation is not None
    clock.now = max(clock.now, timezone.now() + timedelta(seconds=20))
    finish(undo.operation)
    advance_requests(now=timezone.now())
    assert "puis défait" in read(inside, request) and "C’est fait" in read(inside, undo)


def test_what_is_not_offered_is_refused(inside: Client, backed_up: BackedUp) -> None:
    request = make_sent(backed_up[0])
    assert act(inside, request, "defaire").status_code == 409
    assert act(inside, request, "satisfait", satisfied="yes").status_code == 409
    assert act(inside, request, "repondre", text="x").status_code == 409
    assert act(inside, request, "nothing").status_code == 404
    assert RestoreRequest.objects.get().state == RequestState.SUBMITTED


def test_who_is_only_informed_reads_and_does_nothing(backed_up: BackedUp, jeanne: ParishContact) -> None:
    request = make_sent(backed_up[0], contact=jeanne)
    informed = enter(make_contact_row(mail="paul@example.org", name="Paul", may_ask=False))
    assert "Revenir au" in read(informed, request)
    for name in ("retirer", "envoyer", "repondre", "defaire", "satisfait"):
        assert act(informed, request, name, satisfied="yes", text="x").status_code == 403, name
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED


def test_a_draft_is_its_writers_alone(backed_up: BackedUp, jeanne: ParishContact) -> None:
    draft = make_draft(backed_up[0], contact=jeanne)
    paul = enter(make_contact_row(mail="paul@example.org", name="Paul"))
    assert paul.get(f"/paroisse/demandes/{draft.reference}/").status_code == 404
    assert draft.reference not in paul.get("/paroisse/demandes/").content.decode()
    assert draft.reference in enter(jeanne).get("/paroisse/").content.decode()


def test_what_is_typed_into_a_page_stays_text(inside: Client, backed_up: BackedUp) -> None:
    request = make_sent(backed_up[0], why="<script>alert(1)</script>", wish="help")
    page = read(inside, request)
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_a_list_of_a_thousand_takes_no_more_queries_than_one_of_ten(
    inside: Client, jeanne: ParishContact, backed_up: BackedUp, django_assert_max_num_queries: Any
) -> None:
    def fill(count: int) -> None:
        RestoreRequest.objects.bulk_create(
            RestoreRequest(
                tenant=jeanne.tenant, instance=backed_up[0], wish="help", state=state, asked_by=jeanne, why="x"
            )
            for _number in range(count // 2)
            for state in ("submitted", "withdrawn")
        )

    def count() -> list[int]:
        asked = []
        for place in ("/paroisse/", "/paroisse/demandes/", "/paroisse/demandes/?page=2", "/paroisse/demander/"):
            with django_assert_max_num_queries(100) as captured:
                assert inside.get(place).status_code == 200
            asked.append(len(captured))
        return asked

    fill(30)
    few = count()
    fill(970)
    assert count() == few
    assert max(few) <= 25
    page = inside.get("/paroisse/demandes/?page=2").content.decode()
    assert page.count("<li>") == 20 and "Page 2 sur 50" in page
