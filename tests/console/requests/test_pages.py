"""The list of requests and the page of one: what is shown to whom, in as many queries for many as for few."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from domain.parish_requests import RequestState, Wish
from operations.models import Operation
from operations.role_groups import give_roles, parse_roles
from parish_requests.actors import make_contact_actor, make_staff_actor
from parish_requests.asking import withdraw_request
from parish_requests.deciding import ask_back
from parish_requests.models import RequestEvent, RestoreRequest
from tests.console.requests.rows import get_instance, make_contact_row, make_moment, make_request_row, set_state
from tests.people import count_queries, make_client, read_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
LIST = "/admin/parish_requests/restorerequest/"
VIEW = "parish_requests.view_restorerequest"
ROLES = {
    "reader": {"look"},
    "operator": {"look", "withdraw", "enter"},
    "restorer": {"look", "withdraw", "enter", "approve", "refuse", "ask-back", "look-again"},
    "accountant": set(),
}


def _address(request: RestoreRequest) -> str:
    return f"{LIST}{request.pk}/change/"


def test_what_waits_is_shown_first_and_the_rest_on_request() -> None:
    client = make_client(VIEW)
    draft = make_request_row(wish=Wish.PRACTICE, backup=make_moment(), is_sent=False)
    waiting = make_request_row(wish=Wish.HELP)
    running = set_state(make_request_row(), RequestState.RUNNING)
    done = set_state(make_request_row("sainte-marie"), RequestState.DONE)
    names = {row.reference: name for row, name in ((draft, "D"), (waiting, "W"), (running, "R"), (done, "E"))}
    for query, shown in (
        ("", "WR"),
        ("?standing=waiting", "W"),
        ("?standing=ended", "E"),
        ("?standing=all", "WRDE"),
        ("?state__exact=done", "E"),
        (f"?standing=all&tenant__id__exact={done.tenant_id}", "E"),
        (f"?q={running.reference}", "R"),
        ("?q=Jeanne", "WR"),
    ):
        page = read_page(client, f"{LIST}{query}")
        places = sorted((page.index(f">{name}<"), sign) for name, sign in names.items() if f">{name}<" in page)
        assert "".join(sign for _place, sign in places) == (shown if "D" not in shown else "WRDE"), query


def test_the_page_tells_what_is_asked_what_would_happen_and_who_said_what() -> None:
    request = make_request_row(why="L’import de mardi est faux")
    boss = make_client(VIEW, "parish_requests.approve_restorerequest", name="boss")
    ask_back(
        request,
        "Only the data?",
        person=User.objects.get(username="boss"),
        actor=make_staff_actor("boss"),
        now=timezone.now(),
    )
    page = read_page(boss, _address(request))
    for text in (
        "L’import de mardi est faux",
        "Jeanne Martin",
        "Revenir à un moment antérieur",
        "Ce qui va se passer une fois la demande approuvée",
        "Only the data?",
        "192.0.2.7",
        "vérifié ligne par ligne",
    ):
        assert text in page, text
    assert "Saisir la réponse" not in page  # it takes another permission


def test_a_changed_record_is_told() -> None:
    request = make_request_row()
    client = make_client(VIEW)
    assert "n’est plus tel qu’écrit" not in read_page(client, _address(request))
    RequestEvent.objects.filter(request=request, number=1).update(actor="Somebody else")
    page = read_page(client, _address(request))
    assert "n’est plus tel qu’écrit" in page and "À partir de la ligne 1" in page


def test_what_is_written_by_a_parish_is_text_and_nothing_else() -> None:
    request = make_request_row(why="<script>alert(1)</script> & <b>")
    page = make_client(VIEW).get(_address(request)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in page and "<script>alert(1)" not in page


@pytest.mark.parametrize("role", sorted(ROLES))
def test_each_role_has_the_buttons_that_it_may_press(role: str) -> None:
    request = make_request_row()
    user = User.objects.create_user(role, is_staff=True)
    give_roles(user, parse_roles([role]), requested_by="anne")
    client = Client()
    client.force_login(user)
    may = ROLES[role]
    assert client.get(_address(request)).status_code == (200 if "look" in may else 403)
    assert client.get(LIST).status_code == (200 if "look" in may else 403)
    assert client.get(f"{LIST}add/").status_code == (200 if "enter" in may else 403)
    page = client.get(_address(request)).content.decode()
    for code in ("approve", "refuse", "ask-back", "look-again", "withdraw"):
        address = f"{LIST}{request.pk}/decide/{code}/"
        assert (address in page) is (code in may), code
        assert client.get(address).status_code == (200 if code in may else 403), code
        if code not in may:
            assert client.post(address, {"text": "x", "when": "now"}).status_code == 403, code
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED


def test_the_record_is_exported_as_one_document() -> None:
    request = make_request_row()
    answer = make_client(VIEW).get(f"{LIST}{request.pk}/export/")
    assert answer.status_code == 200 and request.reference in answer.content.decode()
    assert answer["Content-Disposition"] == f'attachment; filename="demande-{request.reference}.txt"'
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert make_client(name="stranger").get(f"{LIST}{request.pk}/export/").status_code == 403


def test_what_is_not_there_is_not_found_and_nobody_outside_comes_in() -> None:
    request = make_request_row()
    client = make_client(VIEW, "parish_requests.approve_restorerequest")
    absent, huge = request.pk + 1, 10**30
    paths = [f"{pk}/{page}/" for pk in (absent, huge) for page in ("change", "part", "export", "decide/approve")]
    for path in (*paths, "x/change/", "²/change/", f"{request.pk}/decide/explode/"):
        assert client.get(LIST + path).status_code == 404, path
    assert client.get(f"{LIST}{request.pk}/delete/").status_code == 403
    for path in (f"{request.pk}/change/", f"{request.pk}/export/", f"{request.pk}/part/", ""):
        assert Client().get(LIST + path).status_code == 302, path


def test_neither_the_list_nor_a_page_asks_more_for_many() -> None:
    client = make_client(VIEW, "parish_requests.approve_restorerequest", "tenants.view_tenant")
    request = make_request_row()
    for name in ("a", "b"):
        make_request_row(wish=Wish.HELP, why=name)
    few = count_queries(client, f"{LIST}?standing=all"), count_queries(client, _address(request))
    contact, actor = request.asked_by, make_contact_actor(request.asked_by, "192.0.2.7")
    assert contact is not None
    for number in range(30):
        more = make_request_row(wish=Wish.HELP, contact=contact, why=f"number {number}")
        withdraw_request(more, actor=actor, now=timezone.now())
    make_contact_row("sainte-marie", mail="other@example.org")
    get_instance("sainte-marie")
    assert count_queries(client, f"{LIST}?standing=all") <= few[0]
    assert count_queries(client, _address(request)) <= few[1]


def test_an_operation_leads_to_the_request_that_it_was_begun_for() -> None:
    request = make_request_row(wish=Wish.HELP)
    operation = Operation.objects.create(
        kind="backup", instance=request.instance, subject="saint-paul", requested_by=f"request {request.reference}"
    )
    page = f"/admin/operations/operation/{operation.pk}/change/"
    assert _address(request) in read_page(make_client("operations.view_operation", VIEW, name="anne"), page)
    shown = read_page(make_client("operations.view_operation", name="omar"), page)
    assert _address(request) not in shown and f"demande {request.reference}" in shown
