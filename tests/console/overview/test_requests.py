"""The first page: what parishes wait for, above what is wrong."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from console.overview.requests import SHOWN, list_waiting_requests
from domain.parish_requests import RequestState, Wish
from parish_requests.models import RestoreRequest
from tests.console.requests.rows import get_instance, make_contact_row, make_request_row, set_state
from tests.people import count_queries, make_client, read_page
from tests.rows import make_tenant_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]
VIEW = "parish_requests.view_restorerequest"
TITLE = "Demandes des paroisses qui attendent l’UEPAL"


def test_what_waits_stands_above_what_is_wrong_and_the_first_to_end_at_the_top() -> None:
    late, soon = make_request_row(wish=Wish.HELP, why="a"), make_request_row(wish=Wish.HELP, why="b")
    RestoreRequest.objects.filter(pk=soon.pk).update(expires_at=timezone.now() + timedelta(hours=2))
    answered = set_state(make_request_row(wish=Wish.HELP, why="c"), RequestState.QUESTION)
    page = read_page(make_client(VIEW, "tenants.view_instance"), "/admin/")
    assert page.index(TITLE) < page.index("Ce qui demande votre attention")
    assert page.index(f">{soon.reference}<") < page.index(f">{late.reference}<")
    assert answered.reference not in page


def test_nothing_waits_nothing_is_shown() -> None:
    set_state(make_request_row(), RequestState.RUNNING)
    assert TITLE not in read_page(make_client(VIEW, "tenants.view_instance"), "/admin/")


def test_only_those_who_may_see_requests_see_them() -> None:
    request = make_request_row(wish=Wish.HELP)
    stranger = make_client("tenants.view_instance", name="stranger")
    for address in ("/admin/", "/admin/overview/"):
        assert request.reference not in read_page(stranger, address)
    only = make_client(VIEW, name="only")
    page = read_page(only, "/admin/")
    assert request.reference in page and "Votre compte ne permet de voir" not in page
    person = User.objects.get(username="stranger")
    assert list_waiting_requests(person, now=timezone.now()) == {"sees_requests": False}


def test_neither_queries_nor_size_grow_with_their_number() -> None:
    client = make_client(VIEW)
    contact, instance = make_contact_row(), get_instance()
    request = make_request_row(wish=Wish.HELP, contact=contact)
    for number in range(SHOWN):
        make_request_row(wish=Wish.HELP, contact=contact, why=f"{number}")
    few = count_queries(client, "/admin/"), len(client.get("/admin/").content)
    tenant = make_tenant_row()
    RestoreRequest.objects.bulk_create(
        RestoreRequest(
            tenant=tenant, instance=instance, wish=Wish.HELP, state=RequestState.SUBMITTED, why="x" * 1000,
            expires_at=request.expires_at,
        )
        for _number in range(300)
    )  # fmt: skip
    many = count_queries(client, "/admin/"), len(client.get("/admin/").content)
    assert many[0] == few[0] and many[1] < few[1] + 500
    assert "et 301 autres" in read_page(client, "/admin/")
