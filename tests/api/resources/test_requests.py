"""Requests over REST: entered for a parish, decided by another account, read with preview and record."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from api.tokens import create_token
from backups.models import Backup
from domain.parish_requests import RequestState
from domain.states import InstanceState
from parish_requests.models import RestoreRequest
from parish_requests.running import advance_requests
from tenants.models import Instance
from tests.backups.conftest import backed_up, begin, make_instance, parishes  # noqa: F401 - fixtures
from tests.operations.conftest import Finish, clock, engine, finish  # noqa: F401 - fixtures
from tests.parish_requests.cast import approve, make_contact, make_person, make_sent
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
LIST = "/api/v1/requests"
HOW = {"channel": "par téléphone, par Mme Weiss", "external_reference": "GLPI-7"}


def post(api: Client, address: str, body: object = None) -> Any:
    return api.post(address, json.dumps(body or {}), content_type="application/json")


def make_client(person: User, *parishes: str) -> Client:  # noqa: F811 - names of parishes
    limit = {"parishes": parishes} if parishes else {}
    plain = create_token(person.username, "n", scopes=["admin"], **limit)[1]
    return Client(headers={"authorization": f"Bearer {plain}"}, raise_request_exception=False)


@pytest.fixture
def paul() -> Instance:
    """The site of a parish with Jeanne."""
    row = make_instance_row(state=InstanceState.ACTIVE)
    make_contact(row.tenant, mail="jeanne@example.org")
    return row


def test_entered_by_one_and_decided_by_another(api: Client, paul: Instance) -> None:
    body = {"instance": "saint-paul", "wish": "help", "why": "À l’aide\nvite", "contact": "jeanne@example.org", **HOW}
    answer = post(api, LIST, body)
    row = answer.json()
    address = f"{LIST}/{row['reference']}"
    assert answer.status_code == 201 and answer["Location"].rstrip("/") == address
    assert (row["state"], row["entered_by"], row["channel"]) == ("submitted", "jeanne", HOW["channel"])
    assert row["asked_mail"] == "jeanne@example.org" and row["external_reference"] == "GLPI-7"
    seen = {"preview_sha256": api.get(f"{address}/preview").json()["preview_sha256"]}
    own = post(api, f"{address}/approve", seen)
    assert own.status_code == 409 and own.json()["error"]["code"] == "request_own"
    marc = make_client(make_person())
    unseen = post(marc, f"{address}/approve", {"preview_sha256": "0" * 64}).json()
    assert unseen["error"]["code"] == "request_preview_changed"
    assert post(marc, f"{address}/ask", {"text": "Quel jour ?"}).json()["state"] == "question"
    assert post(api, f"{address}/answer", {"text": "Mardi."}).json()["state"] == "submitted"
    assert post(marc, f"{address}/approve", seen).json()["state"] == "approved"
    assert post(marc, f"{address}/finish", {"text": "Nous vous avons appelés."}).json()["state"] == "done"
    record = api.get(f"{address}/record").json()
    assert record["broken_at"] is None and record["events"][0]["origin"] == "127.0.0.1"
    said = [event["data"]["text"] for event in record["events"] if "text" in event["data"]]
    assert said == ["Quel jour ?", "Mardi.", "Nous vous avons appelés."]
    assert "Mardi." in api.get(f"{address}/export").json()["text"]
    assert api.get(LIST, {"external_reference": "GLPI-7"}).json()["count"] == 1
    assert api.get(LIST, {"state": "refused"}).json()["count"] == 0
    assert paul.tenant.requests.count() == 1


def test_what_is_refused_when_it_is_sent_leaves_nothing_open(api: Client, backed_up: tuple[Instance, str]) -> None:  # noqa: F811
    instance, backup_id = backed_up
    body = {"instance": instance.identifier, "wish": "restore", "why": "x", "backup": backup_id, **HOW}
    assert post(api, LIST, body).status_code == 201
    again = post(api, LIST, body)
    assert again.status_code == 409 and again.json()["error"]["code"] == "request_open_already"
    states = RestoreRequest.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [RequestState.SUBMITTED.value, RequestState.WITHDRAWN.value]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"wish": "undo"}, 400),
        ({"channel": ""}, 400),
        ({"why": "\x00"}, 400),
        ({"backup": "20200101T000000Z-000000"}, 404),
        ({"contact": "nobody@example.org"}, 404),
        ({"instance": "nowhere"}, 404),
        ({"state": "approved"}, 400),
        ({"wish": "restore"}, 409),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(api: Client, paul: Instance, change: Any, status: int) -> None:
    body = {"instance": paul.identifier, "wish": "help", "why": "x", **HOW, **change}
    answer = post(api, LIST, body)
    assert answer.status_code == status, answer.content
    assert not RestoreRequest.objects.exists()


def test_a_set_of_another_parish_is_not_put_back(api: Client, backed_up: tuple[Instance, str]) -> None:  # noqa: F811
    other = make_instance_row("saint-jean", state=InstanceState.ACTIVE)
    body = {"instance": other.identifier, "wish": "restore", "why": "x", "backup": backed_up[1], **HOW}
    assert post(api, LIST, body).status_code == 409 and not RestoreRequest.objects.exists()


def test_a_restore_that_is_done_is_undone_by_request(
    api: Client,
    backed_up: tuple[Instance, str],  # noqa: F811
    finish: Finish,  # noqa: F811
) -> None:
    request = make_sent(backed_up[0])
    for name in ("marc", "lucie")[: request.approvals_needed]:
        approve(request, make_person(name))
    advance_requests(now=timezone.now())
    request.refresh_from_db()
    assert request.operation is not None
    finish(request.operation)
    advance_requests(now=timezone.now())
    answer = post(api, f"{LIST}/{request.reference}/undo", HOW)
    assert answer.status_code == 201, answer.content
    undo = answer.json()
    safety = Backup.objects.get(backup_id=undo["backup"])
    assert (undo["wish"], undo["undoes"], undo["state"]) == ("undo", request.reference, "submitted")
    assert safety.reason == "safety"
    assert post(api, f"{LIST}/{request.reference}/undo", HOW).json()["error"]["code"] == "request_undo_over"
