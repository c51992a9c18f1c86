"""Instances over REST: read, and every operation begun or refused by its code."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from domain.states import InstanceState, OperationKind
from operations.models import Operation
from tenants.models import Instance, Plan
from tenants.plan_rules import VOLUMES
from tenants.specs import ensure_secrets
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row, make_plan_row, make_release_row, make_tenant_row

INSTANCES = "/api/v1/instances/"


def _post(api: Client, path: str, body: Any = None, **headers: str) -> Any:
    return api.post(
        f"{INSTANCES}{path}", json.dumps(body if body is not None else {}), "application/json", headers=headers
    )


def test_instances_are_listed_and_narrowed(api: Client) -> None:
    make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    make_instance_row("saint-jean")
    assert [row["identifier"] for row in api.get(INSTANCES).json()["results"]] == ["saint-jean", "saint-paul"]
    for query in ({"tenant": "saint-paul"}, {"state": "active"}, {"search": "PAUL"}):
        assert [row["identifier"] for row in api.get(INSTANCES, query).json()["results"]] == ["saint-paul"], query
    refused = api.get(INSTANCES, {"state": "happy"})
    assert (refused.status_code, refused.json()["error"]["fields"][0]["field"]) == (400, "state")


def test_an_instance_says_what_may_be_asked_and_why_it_failed(api: Client) -> None:
    instance = make_instance_row(state=InstanceState.FAILED)
    instance.error_code, instance.error_params = "job_lost", {"program": "init", "instance": "saint-paul"}
    instance.save()
    body = api.get(f"{INSTANCES}saint-paul/", headers={"accept-language": "en"}).json()
    assert body["tenant"] == "saint-paul" and body["plan"] == "test" and body["release"] == "test"
    assert body["next_actions"] == [
        "provision",
        "suspend",
        "resume",
        "renew",
        "backup",
        "verify",
        "browse",
        "prove",
        "restore",
        "prune",
        "prune_copies",
        "delete",
        "adopt",
    ]
    assert body["error"]["code"] == "job_lost" and "initialisation program was killed" in body["error"]["message"]


def test_secrets_never_leave(api: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    secrets = ensure_secrets(instance)
    answers = [api.get(INSTANCES), api.get(f"{INSTANCES}saint-paul/"), _post(api, "saint-paul/suspend/")]
    texts = [answer.content.decode() for answer in answers]
    assert [answer.status_code for answer in answers] == [200, 200, 202]
    assert not any(secrets.db_password in text or secrets.site_key in text for text in texts)
    assert not any("secrets" in text for text in texts)


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("provision", InstanceState.NEW),
        ("suspend", InstanceState.ACTIVE),
        ("resume", InstanceState.SUSPENDED),
        ("delete", InstanceState.ACTIVE),
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_an_operation_is_begun_and_can_be_followed(api: Client, action: str, state: InstanceState, slash: str) -> None:
    make_instance_row(state=state)
    answer = _post(api, f"saint-paul/{action}{slash}", {"confirm": "saint-paul"} if action == "delete" else {})
    body = answer.json()
    assert answer.status_code == 202, body
    assert (body["kind"], body["instance"], body["state"]) == (action, "saint-paul", "queued")
    assert body["requested_by"] == "api:jeanne"
    assert "Idempotency-Replayed" not in answer
    followed = api.get(answer["Location"]).json()
    assert followed["id"] == body["id"] and followed["steps"]
    assert Operation.objects.get().lock == "saint-paul"


@pytest.mark.parametrize(
    ("action", "body"), [("resize", {"plan": "large"}), ("upgrade", {"release": "next", "safety_backup": True})]
)
def test_a_change_names_what_the_instance_gets(api: Client, action: str, body: dict[str, Any]) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    make_plan_row("large", db_gibibytes=3)
    make_release_row("next", civicrm="5.62.0")
    assert _post(api, f"saint-paul/{action}/").status_code == 400
    answer = _post(api, f"saint-paul/{action}/", body)
    assert (answer.status_code, answer.json()["kind"]) == (202, action)
    assert {name: answer.json()["parameters"][name] for name in body} == body


def test_the_body_may_be_absent(api: Client) -> None:
    make_instance_row()
    assert api.generic("POST", f"{INSTANCES}saint-paul/provision/").status_code == 202


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_says_what_would_be_done_and_writes_nothing(api: Client) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    assert connection.in_atomic_block is False
    answer = _post(api, "saint-paul/delete/?dry_run=true", {"final_backup": True, "confirm": "saint-paul"})
    body = answer.json()
    assert answer.status_code == 200
    assert (body["kind"], body["instance"]) == ("delete", "saint-paul")
    assert body["sentences"] and body["steps"]
    assert not Operation.objects.exists()
    assert Instance.objects.get().state == "active"


def test_a_dry_run_is_refused_as_the_operation_would_be(api: Client) -> None:
    make_instance_row(state=InstanceState.SUSPENDED)
    answer = _post(api, "saint-paul/suspend/?dry_run=true")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "state_forbids")


@pytest.mark.parametrize("value", ["", "maybe", "True ", "2"])
def test_a_mistyped_dry_run_does_not_start_anything(api: Client, value: str) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    answer = _post(api, f"saint-paul/suspend/?dry_run={value}")
    assert (answer.status_code, answer.json()["error"]["fields"][0]["field"]) == (400, "dry_run")
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("nobody/provision/", {}, 404, "not_found"),
        ("saint-paul/provision/", {}, 409, "state_forbids"),
        ("saint-paul/suspend/", {"force": True}, 400, "invalid_value"),
        ("saint-paul/suspend/", [], 400, "invalid_value"),
        ("saint-paul/delete/", {}, 400, "invalid_value"),
        ("saint-paul/delete/", {"confirm": "saint-jean"}, 409, "confirmation_missing"),
        ("saint-paul/delete/", {"purge_backups": True, "confirm": "saint-jean"}, 409, "confirmation_missing"),
        ("saint-paul/delete/", {"final_backup": "perhaps", "confirm": "saint-paul"}, 400, "invalid_value"),
        ("saint-paul/explode/", {}, 404, "address_unknown"),
    ],
)
def test_a_refusal_has_its_code_and_writes_nothing(api: Client, path: str, body: Any, status: int, code: str) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    answer = _post(api, path, body)
    assert answer.json()["error"]["code"] == code
    assert answer.status_code == status
    assert not Operation.objects.exists()


def test_a_busy_instance_names_what_is_in_the_way(api: Client) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    first = _post(api, "saint-paul/suspend/").json()["id"]
    refused = _post(api, "saint-paul/delete/", {"confirm": "saint-paul"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "instance_busy")
    assert first in refused.json()["error"]["message"]


@pytest.mark.parametrize("path", ["saint-paul/", "", "saint-paul/delete/"])
def test_the_verb_delete_deletes_nothing(api: Client, path: str) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    answer = api.delete(f"{INSTANCES}{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
    assert not Operation.objects.filter(kind=OperationKind.DELETE).exists()


def test_an_instance_is_recorded_with_the_defaults(api: Client) -> None:
    make_tenant_row("saint-luc")
    answer = api.post(INSTANCES, json.dumps({"tenant": "saint-luc", "kind": "sandbox"}), "application/json")
    assert answer.status_code == 201, answer.json()
    shown = api.get(answer["Location"]).json()
    assert (shown["identifier"], shown["state"], shown["mail_enabled"]) == ("saint-luc-sandbox", "new", False)
    again = api.post(INSTANCES, json.dumps({"tenant": "saint-luc", "kind": "sandbox"}), "application/json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "instance_exists")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid_value"),
        ({"tenant": "nobody"}, 404, "not_found"),
        ({"tenant": "saint-luc", "plan": "none"}, 404, "not_found"),
        ({"tenant": "saint-luc", "release": "none"}, 404, "not_found"),
        ({"tenant": "saint-luc", "kind": "toy"}, 400, "invalid_value"),
        ({"tenant": "saint-luc", "host": "x"}, 400, "invalid_value"),
    ],
)
def test_an_instance_is_refused_by_its_code(api: Client, body: Any, status: int, code: str) -> None:
    make_tenant_row("saint-luc")
    answer = api.post(INSTANCES, json.dumps(body), "application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert not Instance.objects.exists()


def test_a_pruning_takes_an_age_or_backups_and_a_confirmation(api: Client) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    old, _newest = (make_backup_row(instance, hours_ago=hours, stored_bytes=1) for hours in (24 * 500, 1))
    refused = _post(api, "saint-paul/prune/", {"confirm": "saint-jean"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "prune_unconfirmed")
    assert _post(api, "saint-paul/prune/", {"confirm": "saint-paul", "older_than_days": 0}).status_code == 400
    refused = _post(api, "saint-paul/prune/", {"confirm": "saint-paul", "older_than_days": 900})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "nothing_to_prune")
    begun = _post(api, "saint-paul/prune/", {"confirm": "saint-paul", "backup_ids": [old.backup_id]})
    assert (begun.status_code, begun.json()["parameters"]["backup_ids"]) == (202, [old.backup_id])


def test_a_new_instance_takes_another_plan_until_it_is_made(api: Client) -> None:
    instance = make_instance_row()
    other = Plan.objects.create(name="other", **{name: 1 for name in VOLUMES})
    for row in instance.plan.containers.all():
        row.pk, row.plan = None, other
        row.save()
    address = "/api/v1/instances/saint-paul/"
    read = api.get(address)["ETag"]

    def change(body: object, **headers: str) -> Any:
        return api.patch(address, body, content_type="application/json", headers=headers)

    done = change({"plan": "other"}, **{"If-Match": read})
    assert (done.status_code, done.json()["plan"]) == (200, "other"), done.content
    assert change({"plan": "test"}, **{"If-Match": read}).status_code == 412
    assert change({"plan": "none"}).status_code == 404 and change({"host": "x.example"}).status_code == 400
    Instance.objects.update(state=InstanceState.FAILED.value)
    refused = change({"plan": "test"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "instance_made")
