"""A token of some parishes gets their rows, and of others neither a row nor a sign that there is one."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.tokens import create_token
from domain.states import InstanceState
from operations.declared_parameters import ParameterType
from operations.models import Operation
from operations.registry import list_kinds
from tenants.models import Instance, Tenant
from tests.backups.rows import make_backup_row
from tests.parish_requests.cast import make_sent
from tests.rows import make_instance_row

PAUL, JEAN = "saint-paul", "saint-jean"


@pytest.fixture
def both(db: None) -> dict[str, dict[str, str]]:  # noqa: ARG001 - the database must be there
    """Two parishes with an instance, a backup and an operation each: the addresses of their rows."""
    addresses = {}
    for slug in (PAUL, JEAN):
        instance = make_instance_row(slug, state=InstanceState.ACTIVE)
        backup = make_backup_row(instance, hours_ago=3)
        operation = Operation.objects.create(kind="backup", instance=instance, subject=slug, requested_by="test")
        addresses[slug] = {
            "tenants": slug,
            "instances": slug,
            "backups": backup.backup_id,
            "operations": operation.public_id,
            "requests": make_sent(instance, wish="help").reference,
        }
    return addresses


def make_client(staff: User, *parishes: str) -> Client:
    plain = create_token(staff.username, "n", scopes=["admin"], parishes=parishes)[1]
    return Client(headers={"authorization": f"Bearer {plain}"}, raise_request_exception=False)


def ask(client: Client, method: str, address: str, body: Any = None) -> tuple[int, Any]:
    answer = client.generic(method, f"/api/v1/{address}/", json.dumps(body or {}), "application/json")
    return answer.status_code, json.loads(answer.content or b"{}")


@pytest.mark.parametrize("resource", ["tenants", "instances", "backups", "operations", "requests"])
def test_rows_of_its_parishes_alone_are_there(staff: User, both: dict[str, dict[str, str]], resource: str) -> None:
    client = make_client(staff, PAUL)
    own, other = both[PAUL][resource], both[JEAN][resource]
    assert ask(client, "GET", f"{resource}/{own}")[0] == 200
    status, refused = ask(client, "GET", f"{resource}/{other}")
    _status, absent = ask(client, "GET", f"{resource}/{'x' * len(other)}")
    assert (status, refused["error"]["code"]) == (404, "not_found")
    assert refused["error"]["message"].replace(other, "") == absent["error"]["message"].replace("x" * len(other), "")
    _status, listed = ask(client, "GET", resource)
    assert listed["count"] == 1 and own in json.dumps(listed) and other not in json.dumps(listed)
    everything = make_client(staff, PAUL, JEAN)
    assert ask(everything, "GET", resource)[1]["count"] == 2


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize(
    ("method", "address", "body"),
    [
        ("POST", f"instances/{JEAN}/suspend", {}),
        ("POST", f"instances/{JEAN}/delete", {"confirm": JEAN}),
        ("PATCH", f"instances/{JEAN}", {"plan": "small"}),
        ("POST", f"instances/{JEAN}/policy", {"policy": ""}),
        ("GET", f"instances/{JEAN}/retention", {}),
        ("PATCH", f"tenants/{JEAN}", {"city": "Colmar"}),
        ("DELETE", f"tenants/{JEAN}", {"confirm": JEAN}),
        ("POST", "restores", {"instance": JEAN, "backup_id": "x", "confirm": JEAN}),
        ("POST", "instances", {"tenant": JEAN}),
        ("POST", "tenants", {}),
    ],
)
def test_nothing_of_another_parish_is_changed(staff: User, method: str, address: str, body: Any) -> None:
    before = Operation.objects.count(), list(Tenant.objects.order_by("pk").values())
    status, answer = ask(make_client(staff, PAUL), method, address, body)
    assert (status, answer["error"]["code"]) in ((404, "not_found"), (403, "token_parishes_limited"))
    assert (Operation.objects.count(), list(Tenant.objects.order_by("pk").values())) == before


def test_a_body_that_names_another_parishs_backup_is_answered_as_one_that_names_none(
    staff: User, both: dict[str, dict[str, str]]
) -> None:
    client, other = make_client(staff, PAUL), both[JEAN]["backups"]
    named = [(kind, one) for kind in list_kinds() for one in kind.list_offered() if one.of_backups]
    assert {kind.code for kind, _one in named} >= {"restore", "verify", "prove", "browse", "prune"}
    for kind, parameter in named:
        told = []
        for name in (other, "20200101T000000Z-000000"):
            value = [name] if parameter.type is ParameterType.TEXTS else name
            confirm = {"confirm": PAUL} if kind.is_destructive else {}
            status, answer = ask(client, "POST", f"instances/{PAUL}/{kind.path}", {parameter.name: value, **confirm})
            assert (status, answer["error"]["code"]) == (404, "not_found"), (kind.code, answer)
            told.append(answer["error"]["message"].replace(name, ""))
        assert told[0] == told[1] and JEAN not in told[0]
    assert Operation.objects.count() == len(both)


@pytest.mark.usefixtures("both")
def test_its_own_parish_is_operated(staff: User) -> None:
    assert ask(make_client(staff, PAUL), "POST", f"instances/{PAUL}/suspend")[0] == 202


@pytest.mark.usefixtures("both")
def test_a_parish_that_is_gone_does_not_open_the_others(staff: User) -> None:
    gone = make_instance_row("sainte-marie")
    client = make_client(staff, "sainte-marie")
    Instance.objects.filter(pk=gone.pk).update(state=InstanceState.DELETED, purged_at=timezone.now())
    Instance.objects.get(pk=gone.pk).delete()
    Tenant.objects.get(slug="sainte-marie").delete()
    assert ask(client, "GET", "tenants")[1]["count"] == 0
    assert ask(client, "GET", f"tenants/{JEAN}")[0] == 404


@pytest.mark.usefixtures("both")
def test_a_token_of_all_parishes_asks_nothing_more(staff: User) -> None:
    plain = create_token(staff.username, "n", scopes=["read"])[1]
    client = Client(headers={"authorization": f"Bearer {plain}"})
    client.get("/api/v1/tenants/")
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/api/v1/tenants/{PAUL}/")
    assert not [query for query in queries if "api_apitoken_parishes" in query["sql"]]
