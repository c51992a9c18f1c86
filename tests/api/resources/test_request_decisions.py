"""Decisions over REST are those of the administration: once, by whoever may, and of the token's parishes alone."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from api.tokens import create_token
from domain.states import InstanceState
from parish_requests.models import RestoreRequest
from parish_requests.preview_documents import digest_preview
from tenants.models import Instance
from tests.parish_requests.cast import make_contact, make_person, make_sent
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
LIST = "/api/v1/requests"


def post(api: Client, address: str, body: object = None) -> Any:
    return api.post(address, json.dumps(body or {}), content_type="application/json")


def make_client(person: User, *parishes: str) -> Client:
    limit = {"parishes": parishes} if parishes else {}
    plain = create_token(person.username, "n", scopes=["admin"], **limit)[1]
    return Client(headers={"authorization": f"Bearer {plain}"}, raise_request_exception=False)


@pytest.fixture
def paul() -> Instance:
    """The site of a parish with Jeanne."""
    row = make_instance_row(state=InstanceState.ACTIVE)
    make_contact(row.tenant, mail="jeanne@example.org")
    return row


def test_each_is_done_once_and_said_on_the_record(paul: Instance) -> None:
    marc = make_client(make_person())
    request = make_sent(paul, wish="help")
    refused = post(marc, f"{LIST}/{request.reference}/refuse", {"text": "C’est trop ancien."}).json()
    assert (refused["state"], refused["refusal"]) == ("refused", "C’est trop ancien.")
    for path, body in (
        ("refuse", {"text": "x"}),
        ("ask", {"text": "x"}),
        ("answer", {"text": "x"}),
        ("withdraw", {}),
        ("retry", {}),
        ("approve", {"preview_sha256": digest_preview(request.preview)}),
    ):
        answer = post(marc, f"{LIST}/{request.reference}/{path}", body)
        assert answer.json()["error"]["code"] == "request_state_forbids", path
    line = request.events.get(what="refuse")
    assert (line.actor_kind, line.actor, line.origin) == ("staff", "marc", "127.0.0.1")


def test_who_may_only_enter_decides_nothing(paul: Instance) -> None:
    omar = make_client(make_person("omar", "operator"))
    request = make_sent(paul, wish="help")
    for path in ("approve", "refuse", "ask", "retry", "finish"):
        answer = post(omar, f"{LIST}/{request.reference}/{path}", {"text": "x"})
        assert answer.json()["error"]["code"] == "permission_missing", path
    assert post(omar, f"{LIST}/{request.reference}/withdraw").json()["state"] == "withdrawn"


def test_a_token_of_a_parish_decides_on_nothing_of_another(staff: User, paul: Instance) -> None:
    make_person()
    own = make_sent(paul, wish="help")
    other = make_sent(make_instance_row("saint-jean", state=InstanceState.ACTIVE), wish="help")
    client = make_client(staff, "saint-paul")
    assert client.get(f"{LIST}/{own.reference}/record").status_code == 200
    before = list(RestoreRequest.objects.order_by("pk").values())
    for reference in (other.reference, other.reference.lower(), other.reference.replace("-", "")):
        for path in ("", "/preview", "/record", "/export"):
            assert client.get(f"{LIST}/{reference}{path}").status_code == 404
        for path in ("approve", "refuse", "ask", "answer", "withdraw", "retry", "finish", "undo", "preview"):
            assert post(client, f"{LIST}/{reference}/{path}", {"text": "x"}).status_code == 404
    assert list(RestoreRequest.objects.order_by("pk").values()) == before
