"""The rules of requests: one row, kept by the administrator, looked at by all who see requests."""

import pytest
from django.test import Client

from parish_requests.models import RequestRules
from tests.people import make_client, read_page

pytestmark = pytest.mark.django_db
LIST = "/admin/parish_requests/requestrules/"


def test_there_is_one_row_from_the_first_look_on(admin_client: Client) -> None:
    for _number in range(2):
        answer = admin_client.get(LIST, follow=True)
        assert answer.status_code == 200 and RequestRules.objects.count() == 1
    assert "Quand deux personnes différentes décident" in answer.content.decode()
    assert admin_client.get(f"{LIST}add/").status_code == 403
    row = RequestRules.objects.get()
    assert admin_client.get(f"{LIST}{row.pk}/delete/").status_code == 403


def test_limits_are_kept_within_their_bounds(admin_client: Client) -> None:
    row = RequestRules.objects.create()
    address = f"{LIST}{row.pk}/change/"
    wrong = {"second_from_lost_percent": 101, "second_from_days": -1, "telephone": "+33 3 88 25 90 00"}
    answer = admin_client.post(address, wrong)
    assert set(answer.context["adminform"].form.errors) == {"second_from_lost_percent", "second_from_days"}
    right = wrong | {"second_from_lost_percent": 10, "second_from_days": 30, "shows_costs": "on"}
    assert admin_client.post(address, right).status_code == 302
    row.refresh_from_db()
    assert (row.second_from_lost_percent, row.second_from_days, row.shows_costs) == (10, 30, True)
    assert row.telephone == "+33 3 88 25 90 00"


def test_who_may_only_look_changes_nothing() -> None:
    row = RequestRules.objects.create()
    client = make_client("parish_requests.view_requestrules")
    assert "14" in read_page(client, f"{LIST}{row.pk}/change/")
    assert client.post(f"{LIST}{row.pk}/change/", {"second_from_days": 1}).status_code == 403
    assert make_client(name="stranger").get(LIST).status_code == 403
    assert RequestRules.objects.get().second_from_days == 14
