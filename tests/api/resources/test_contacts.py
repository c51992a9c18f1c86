"""Contacts over REST: recorded, changed, asked again, removed; a token of some parishes reaches its own alone."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from api.tokens import create_token
from parish_requests.models import ContactMail, ParishContact
from tests.parish_requests.cast import make_contact
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db
LIST = "/api/v1/contacts"
JEANNE = {"tenant": "saint-paul", "name": "Jeanne Weiss", "mail": "Jeanne@example.org"}


def send(api: Client, method: str, address: str, body: object = None) -> Any:
    return api.generic(method, address, json.dumps(body or {}), content_type="application/json")


def test_a_contact_from_beginning_to_end(api: Client) -> None:
    make_tenant_row()
    answer = send(api, "POST", LIST, JEANNE)
    contact = answer.json()
    assert answer.status_code == 201 and contact["mail"] == "jeanne@example.org" and contact["confirmed_at"] is None
    assert contact["created_by"] == "api:jeanne" and ContactMail.objects.get().address == "jeanne@example.org"
    address = f"{LIST}/{contact['id']}"
    assert answer["Location"].rstrip("/") == address
    changed = send(api, "PATCH", address, {"may_ask": False}).json()
    assert (changed["may_ask"], changed["is_informed"], changed["name"]) == (False, True, "Jeanne Weiss")
    assert send(api, "POST", f"{address}/resend").json()["error"]["code"] == "confirmation_just_sent"
    assert api.get(LIST, {"mail": "jeanne@example.org"}).json()["count"] == 1
    assert send(api, "DELETE", address).status_code == 204 and not ParishContact.objects.exists()
    assert api.get(address).json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"mail": "nobody"}, 422, "contact_mail_invalid"),
        ({"name": " "}, 422, "contact_name_invalid"),
        ({"may_ask": False, "is_informed": False}, 422, "contact_has_no_role"),
        ({"tenant": "nowhere"}, 404, "not_found"),
        ({"role": "all"}, 400, ""),
        ({"may_ask": "yes"}, 400, ""),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(api: Client, change: Any, status: int, code: str) -> None:
    make_tenant_row()
    answer = send(api, "POST", LIST, {**JEANNE, **change})
    assert answer.status_code == status and code in (answer.json()["error"]["code"], "")
    assert not ParishContact.objects.exists() and not ContactMail.objects.exists()


@pytest.mark.parametrize("number", ["x", "0", "-1", "9" * 18, "9" * 40, "٣"])
def test_what_is_not_there_is_said(api: Client, number: str) -> None:
    assert api.get(f"{LIST}/{number}").status_code == 404


def test_a_token_of_a_parish_reaches_its_contacts_alone(staff: User) -> None:
    own, other = make_contact(make_tenant_row()), make_contact(make_tenant_row("saint-jean"))
    plain = create_token(staff.username, "n", scopes=["admin"], parishes=["saint-paul"])[1]
    client = Client(headers={"authorization": f"Bearer {plain}"}, raise_request_exception=False)
    assert [row["id"] for row in client.get(LIST).json()["results"]] == [own.pk]
    assert client.get(f"{LIST}/{own.pk}").status_code == 200
    told = []
    for number in (other.pk, 999999):
        for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/resend")):
            answer = send(client, method, f"{LIST}/{number}{path}")
            assert answer.status_code == 404
            told.append(answer.json()["error"]["message"].replace(str(number), ""))
    assert len(set(told)) == 1 and ParishContact.objects.count() == 2
    assert send(client, "POST", LIST, JEANNE).json()["error"]["code"] == "token_parishes_limited"
