"""Every route's real answer, with data and refused, is what the published schema says: no property more, none less."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker

from api.schema import METHODS
from backups.models import BackupState, ProofOutcome, ProofReport
from campaigns.models import Campaign
from clusters.inspection import keep_report
from clusters.models import ReportKind
from domain.findings import Drift, Level
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState
from engine import registry as engines
from finops.calendar import compute_day, compute_month, compute_second
from offsite.downloads import make_one_time_key
from offsite.models import BackupCopy, CopyState, Destination, DestinationKind
from operations.registry import list_kinds
from operations.requests import request_operation
from parish_requests.models import ParishContact, RestoreRequest
from tenants.models import Instance
from tests.api.calls import Call, list_campaign_changes, list_door_changes
from tests.backups.rows import make_backup_row
from tests.clusters.samples import make_cluster_row, make_kubeconfig
from tests.console.campaigns.rows import make_campaign
from tests.engines import FakeEngine
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded, write_use
from tests.operations.conftest import engine  # noqa: F401 - a fixture
from tests.parish_requests.cast import make_sent
from tests.parishes import make_parish
from tests.rows import make_instance_row, make_plan_row, make_release_row
from tests.watch.rows import make_problem_row
from watch.models import Problem

ROOT = "/api/v1/"
# What a kind is asked with, where nothing is not enough; {name} and {backup} are those of its instance.
KIND_BODIES: dict[str, dict[str, Any]] = {
    "restore": {"backup_id": "{backup}", "confirm": "{name}"},
    "resize": {"plan": "large"},
    "browse": {"backup": "{backup}"},
    "upgrade": {"release": "next"},
    "prune": {"older_than_days": 1, "confirm": "{name}"},
    "prune_copies": {"everything": True, "confirm": "{name}"},
    "delete": {"confirm": "{name}"},
    "adopt": {"confirm": "{name}"},
    "remove_unowned": {"name": "{name}", "engine": "fake", "confirm": "{name}"},
}
FORMATS = FormatChecker()
pytestmark = pytest.mark.django_db


@FORMATS.checks("date-time", raises=(ValueError, AssertionError))
def _is_moment(value: object) -> bool:
    if isinstance(value, str):
        assert datetime.fromisoformat(value).tzinfo is not None
    return True


def make_strict(node: Any) -> Any:
    """Return a schema of OpenAPI 3.0 as JSON Schema, in which an object has no property that is not named."""
    if isinstance(node, list):
        return [make_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    strict = {name: make_strict(value) for name, value in node.items() if name != "nullable"}
    if isinstance(node.get("properties"), dict):
        strict.setdefault("additionalProperties", False)
    return {"anyOf": [strict, {"type": "null"}]} if node.get("nullable") is True else strict


@pytest.fixture
def schema(api: Client) -> dict[str, Any]:
    """The published schema, made strict."""
    published: dict[str, Any] = make_strict(api.get(f"{ROOT}schema/").json())
    return published


def list_routes(schema: dict[str, Any]) -> set[tuple[str, str]]:
    """Return (method, address below the root) of all that the schema tells of."""
    return {
        (method, path.removeprefix(ROOT)) for path, item in schema["paths"].items() for method in METHODS & item.keys()
    }


def find_faults(schema: dict[str, Any], call: Call, client: Client) -> list[str]:
    """Ask, and return in what the answer is not what the schema says of that route and status."""
    method, address = call.route
    body = {} if call.body is None else {"data": call.body, "content_type": "application/json"}
    answer = getattr(client, method)(ROOT + call.path, **body)
    if answer.status_code != call.status:
        return [f"{call}: {answer.status_code} {answer.content!r}"]
    answers = schema["paths"][ROOT + address][method]["responses"]
    told = answers.get(str(call.status)) or answers[f"{call.status // 100}XX"]
    if "content" not in told:
        return [f"{call}: a body"] if answer.content else []
    look = {**told["content"]["application/json"]["schema"], "components": schema["components"]}
    faults = Draft202012Validator(look, format_checker=FORMATS).iter_errors(answer.json())
    return [f"{call}: {list(fault.absolute_path)} {fault.message[:300]}" for fault in faults]


@pytest.fixture
def world(engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:  # noqa: F811
    """A parish with costs, use far below what it reserves, backups of every fate, an operation that failed, a cluster
    with reports."""
    make_sheet(engine="")
    now = timezone.now()
    paul = make_recorded(since=now - timedelta(days=40))
    engine.set_up("saint-paul")
    write_use(["saint-paul"], last=compute_day(compute_second(now)))
    Instance.objects.filter(pk=paul.pk).update(error_code="not_found", error_params={"what": "instance", "name": "x"})
    good = make_backup_row(paul, hours_ago=9, stored_bytes=5)
    type(good).objects.filter(pk=good.pk).update(backup_id="20261121T080000Z-5f3a9c")
    problem = {"code": "not_found", "params": {"what": "instance", "name": "x"}}
    ProofReport.objects.create(backup=good, outcome=ProofOutcome.FAILED, ended_at=now, problems=[problem])
    make_backup_row(paul, state=BackupState.FAILED, error_code="job_lost", error_params={"program": "backup"})
    place = {"path": str(tmp_path / "away")}
    away = Destination.objects.create(name="away", kind=DestinationKind.DIRECTORY, enabled=False, settings=place)
    wrong = {"error_code": "not_found", "error_params": problem["params"]}
    BackupCopy.objects.create(backup=good, destination=away, state=CopyState.CHECKED, copied_at=now, **wrong)
    make_problem_row("backup_old", "saint-paul", acknowledged_until=now, acknowledged_by="jeanne", acknowledged_why="x")
    luc = make_instance_row("saint-luc", state=InstanceState.ACTIVE)
    asked = request_operation(kind="resume", instance=luc, requested_by="cli:jeanne")
    type(asked).objects.filter(pk=asked.pk).update(
        public_id="op-0123456789", error_code="not_found", error_params={"what": "instance", "name": "x"}
    )
    cluster_engine = FakeEngine(tmp_path / "cluster")
    cluster_engine.drift = {"saint-jean": (Drift(object="Service/civicrmdb", wanted='"present"'),)}
    monkeypatch.setattr(engines, "_resolvers", [(lambda _name: cluster_engine, lambda: ("strasbourg",))])
    cluster = make_cluster_row(kubeconfig=make_kubeconfig(server="https://127.0.0.1:1"))
    make_instance_row("saint-jean", state=InstanceState.ACTIVE, engine="strasbourg")
    cluster_engine.set_up("saint-jean", running=ALL_COMPONENTS)
    keep_report(cluster, ReportKind.CHECK, level=Level.OK, at=now, document={"findings": []})
    for number in range(4):
        make_sent(paul, wish="help", why=f"À l’aide {number}")
    make_campaign(is_started=True, selection={"slugs": ["saint-paul"]})
    wrong |= {"state": "failed", "submitted_at": now}
    RestoreRequest.objects.filter(pk=RestoreRequest.objects.latest("pk").pk).update(**wrong)
    return engine


def list_reads() -> list[Call]:
    """Return a call of every route that only reads."""
    last = str(compute_month(timezone.now()).add(-1))
    names = {"slug": "saint-paul", "identifier": "saint-paul", "id": "op-0123456789", "name": "test", "month": last}
    lists = ("tenants", "instances", "operations", "backups", "restores", "policies", "plans", "releases", "clusters")
    lists += ("destinations", "copies", "problems", "requests", "contacts", "campaigns")
    reference = RestoreRequest.objects.earliest("pk").reference
    own = {
        "backups": "20261121T080000Z-5f3a9c",
        "policies": "critical",
        "clusters": "strasbourg",
        "destinations": "away",
        "problems": str(Problem.objects.get().pk),
        "requests": reference,
        "campaigns": Campaign.objects.earliest("pk").public_id,
        "contacts": str(ParishContact.objects.earliest("pk").pk),
    }
    calls = [Call(("get", f"{name}/"), f"{name}/") for name in lists]
    keys = {"tenants": "slug", "instances": "identifier", "operations": "id", "backups": "id", "problems": "id"}
    keys |= {"requests": "reference", "contacts": "id", "campaigns": "id"}
    for part in ("members", "events"):
        calls.append(Call(("get", f"campaigns/{{id}}/{part}/"), f"campaigns/{own['campaigns']}/{part}/"))
    for part in ("preview", "record", "export"):
        calls.append(Call(("get", f"requests/{{reference}}/{part}/"), f"requests/{reference}/{part}/"))
    for name in lists:
        if name in ("restores", "copies"):
            continue
        key = keys.get(name, "name")
        calls.append(Call(("get", f"{name}/{{{key}}}/"), f"{name}/{own.get(name) or names[key]}/"))
    calls.append(Call(("get", "checklist/"), "checklist/"))
    downloads = "backups/20261121T080000Z-5f3a9c/downloads/"
    calls.append(Call(("get", "backups/{id}/downloads/"), downloads))
    calls.append(Call(("get", "instances/{identifier}/retention/"), "instances/saint-paul/retention/?keep_daily=1"))
    for name in ("months", "capacity", "recommendations", "findings"):
        calls.append(Call(("get", f"finops/{name}/"), f"finops/{name}/"))
    calls.append(Call(("get", "finops/what-if/"), "finops/what-if/?plan=test"))
    calls.append(Call(("get", "finops/months/{month}/"), f"finops/months/{compute_month(timezone.now())}/"))
    calls.append(Call(("get", "finops/months/{month}/lines/"), f"finops/months/{last}/lines/"))
    calls.append(Call(("get", "finops/recommendations/{identifier}/"), "finops/recommendations/saint-paul/"))
    return calls


def list_changes() -> list[Call]:
    """Return a call of every route that changes something and begins no operation, in an order that they can have."""
    backup, policy = "backups/20261121T080000Z-5f3a9c", {"name": "own", "label": "x", "keep_last": 3}
    parish, problem = make_parish("sainte-odile"), f"problems/{Problem.objects.get().pk}"
    return [
        Call(("post", "tenants/"), "tenants/", parish, 201),
        Call(("patch", "tenants/{slug}/"), "tenants/sainte-odile/", {"city": "Strasbourg"}),
        Call(("post", "instances/"), "instances/", {"tenant": "sainte-odile", "engine": "local"}, 201),
        Call(("post", "plans/"), "plans/", {"name": "wide", "like": "test"}, 201),
        Call(("patch", "plans/{name}/"), "plans/wide/", {"start_servers": 2}),
        Call(("patch", "instances/{identifier}/"), "instances/sainte-odile/", {"plan": "wide"}),
        Call(("post", "releases/"), "releases/", {"name": "later", "like": "test"}, 201),
        Call(("patch", "releases/{name}/"), "releases/later/", {"versions": {"civicrm": "6.1"}}),
        Call(("post", "problems/{id}/acknowledge/"), f"{problem}/acknowledge/", {"days": 3, "reason": "known"}),
        Call(("post", "problems/{id}/revoke/"), f"{problem}/revoke/", {}),
        Call(("post", "policies/"), "policies/", policy, 201),
        Call(("patch", "policies/{name}/"), "policies/own/", {"keep_last": 4}),
        Call(("post", "instances/{identifier}/policy/"), "instances/saint-paul/policy/", {"policy": "own"}),
        Call(("post", "instances/{identifier}/policy/"), "instances/saint-paul/policy/", {"policy": ""}),
        Call(("delete", "policies/{name}/"), "policies/own/", None, 204),
        # Nobody can read it: the file itself is in test_downloads.
        Call(("post", "backups/{id}/downloads/"), f"{backup}/downloads/", {"recipient": make_one_time_key()[1]}, 409),
        Call(("post", "backups/{id}/pin/"), f"{backup}/pin/", {"reason": "before the move"}),
        Call(("post", "backups/{id}/unpin/"), f"{backup}/unpin/", {}),
        Call(("post", "destinations/{name}/check/"), "destinations/away/check/", {}),
        Call(("post", "clusters/{name}/drift/"), "clusters/strasbourg/drift/", {}),
        Call(("post", "clusters/{name}/check/"), "clusters/strasbourg/check/", {}),
        Call(("post", "tenants/"), "tenants/", make_parish("saint-marc"), 201),
        Call(("delete", "tenants/{slug}/"), "tenants/saint-marc/", None, 204),
        Call(("post", "operations/{id}/cancel/"), "operations/op-0123456789/cancel/", {}, 202),
        *list_door_changes(),
    ]


def list_starts(world: FakeEngine) -> Iterator[Call]:
    """Yield, for every route that begins an operation, its dry run and its beginning; make what it is about."""
    make_plan_row("large", db_gibibytes=3)
    make_release_row("next", civicrm="5.62.0")
    away = Destination.objects.get(name="away")
    routes = [(kind.code, kind.path, kind.of_objects) for kind in list_kinds()]
    for code, path, of_objects in [*routes, ("restore", "", False)]:
        name = f"{code.replace('_', '-')}-{path or 'list'}"[:30]
        values = {"name": name, "backup": ""}
        if of_objects:
            world.set_up(name, running=ALL_COMPONENTS)
            address = real = f"operations/{path}/"
        else:
            instance = _make_instance(code, name, world)
            backup = make_backup_row(instance, hours_ago=50, stored_bytes=5, plain_bytes=5)
            make_backup_row(instance, hours_ago=2, stored_bytes=5, plain_bytes=5)
            BackupCopy.objects.create(backup=backup, destination=away, state=CopyState.CHECKED)
            values["backup"] = backup.backup_id
            address, real = f"instances/{{identifier}}/{path}/", f"instances/{name}/{path}/"
        body = {
            key: value.format(**values) if isinstance(value, str) else value
            for key, value in KIND_BODIES.get(code, {}).items()
        }
        if not path:
            address, real, body = "restores/", "restores/", {**body, "instance": name}
        yield Call(("post", address), f"{real}?dry_run=true", body)
        yield Call(("post", address), real, body, 202)
    advice = ("post", "finops/recommendations/{identifier}/apply/")
    yield Call(advice, "finops/recommendations/saint-paul/apply/?dry_run=true", {})


def _make_instance(code: str, name: str, world: FakeEngine) -> Instance:
    """Return an instance in the state in which most people ask for that kind."""
    allowed = next(kind for kind in list_kinds() if kind.code == code).rule.allowed_from
    usual = [InstanceState.ACTIVE, InstanceState.DELETED, InstanceState.NEW]
    if code == "prune_copies":
        usual.reverse()  # of what lives, copies go by its policy
    state = next(state for state in usual if state in allowed)
    if code == "adopt" or state is InstanceState.ACTIVE:
        world.set_up(name, running=ALL_COMPONENTS)
    return make_instance_row(name, state=state)


def test_every_real_answer_is_as_the_schema_says_to_the_last_property(
    api: Client, schema: dict[str, Any], world: FakeEngine
) -> None:
    tried, faults = set(), []
    for listed in (list_reads(), list_starts(world), list_changes(), list_campaign_changes()):
        for call in listed:
            tried.add(call.route)
            faults += find_faults(schema, call, api)
    assert not faults, "\n".join(faults)
    assert list_routes(schema) - tried == set(), "routes that no call above tries"


def test_every_refusal_is_the_one_error(api: Client, stranger: Client, schema: dict[str, Any]) -> None:
    for method, address in sorted(list_routes(schema)):
        path = address.replace("{", "").replace("}", "")
        assert find_faults(schema, Call((method, address), f"{path}?nobody_knows_it=1", {}, 400), api) == []
        assert find_faults(schema, Call((method, address), path, {}, 401), stranger) == []


def test_a_property_more_or_less_is_noticed() -> None:
    look = make_strict({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]})
    validator = Draft202012Validator(look)
    assert validator.is_valid({"a": ""})
    assert not validator.is_valid({}) and not validator.is_valid({"a": "", "b": 1})
