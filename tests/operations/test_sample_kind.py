"""A kind that is declared and registered has its doors, its words and its safety, without a line of it elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override

from api.tokens import create_token
from domain.errors import InvalidValue
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState
from domain.words import WORDS
from operations import registry
from operations.models import Operation
from operations.registry import register_kind
from operations.requests import describe_operation, request_operation
from tenants.models import Instance
from tests.backups.commands import run_command, run_json
from tests.engines import FakeEngine
from tests.fleet import Fleet
from tests.fleet_wiring import KINDS
from tests.kills import kill_in_every_step
from tests.operations.conftest import Finish
from tests.operations.sample_kind import KILLS, KIND
from tests.people import make_client, read_page
from tests.rows import make_instance_row

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "/api/v1/instances/saint-paul/samples"
# The catalogue's word for its label.
FRENCH = "reprise"
NEEDED = ("tenants.view_instance", "operations.add_operation", "backups.view_backup")


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    """The kind, registered as the `ready` of an app does it; gone after the test."""
    kinds, words = dict(registry._kinds), dict(WORDS)
    register_kind(KIND)
    yield
    registry._kinds.clear()
    registry._kinds.update(kinds)
    WORDS.clear()
    WORDS.update(words)
    for watcher in registry._watchers:
        watcher()


@pytest.fixture
def instance(db: None, engine: FakeEngine) -> Instance:  # noqa: ARG001 - the rows
    """An active instance."""
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    return make_instance_row("saint-paul", state=InstanceState.ACTIVE)


def make_caller(name: str) -> Client:
    """Return a program that calls the API as that account."""
    return Client(headers={"authorization": f"Bearer {create_token(name, 'tests', scopes=['admin'])[1]}"})


def ask_page(instance: Instance) -> str:
    return f"/admin/tenants/instance/{instance.pk}/ask/{KIND.code}/"


def test_nothing_of_the_product_knows_it() -> None:
    for path in ("api", "backups", "clusters", "console", "domain", "engine", "finops", "operations", "tenants"):
        assert not [found for found in (ROOT / path).rglob("*.py") if "sample_kind" in found.read_text()]


def test_it_has_its_button_and_its_form(admin_client: Client, instance: Instance) -> None:
    page = read_page(admin_client, f"/admin/tenants/instance/{instance.pk}/change/")
    assert ask_page(instance) in page
    form = read_page(admin_client, ask_page(instance))
    for name in ("colour", "times", "quietly", "word"):
        assert f'name="{name}"' in form
    begun = admin_client.post(ask_page(instance), {"idempotency_key": "k", "colour": "blue", "times": "4", "word": "x"})
    operation = Operation.objects.get()
    assert begun["Location"] == f"/admin/operations/operation/{operation.pk}/change/"
    assert operation.parameters == {"colour": "blue", "times": 4, "quietly": False, "word": "x"}
    assert operation.get_kind_display() == FRENCH
    assert FRENCH in read_page(admin_client, begun["Location"])


def test_it_has_its_rest_action_with_its_schema(instance: Instance) -> None:
    make_client(superuser=True)
    caller = make_caller("jeanne")
    schema = caller.get("/api/v1/schema/").json()
    begin = schema["paths"]["/api/v1/instances/{identifier}/samples/"]["post"]
    body = schema["components"]["schemas"]["SampleParametersRequest"]
    assert body["properties"]["times"] == {"type": "integer", "minimum": 1, "maximum": 9, "description": "How often."}
    assert (body["additionalProperties"], set(begin["responses"])) == (False, {"200", "202", "4XX", "5XX"})
    answered = schema["components"]["schemas"]["Operation"]["properties"]["kind"]
    assert {"sample", "provision"} <= set(answered["enum"])
    described = caller.post(f"{ADDRESS}?dry_run=true", {"times": 3}, "application/json")
    assert (described.status_code, described.json()["kind"]) == (200, "sample")
    answer = caller.post(ADDRESS, {"times": 3}, "application/json")
    assert (answer.status_code, answer.json()["kind"], answer.json()["instance"]) == (202, "sample", "saint-paul")
    assert caller.post(ADDRESS, {"times": 99}, "application/json").status_code == 400
    listed = caller.get("/api/v1/operations/?kind=sample").json()
    assert [operation["kind"] for operation in listed.get("results", [listed])] == ["sample"]
    assert "sample" in caller.get("/api/v1/instances/saint-paul/").json()["next_actions"]
    assert instance.operations.count() == 1


def test_it_has_its_command_and_runs_with_journal_and_progress(engine: FakeEngine, instance: Instance) -> None:
    code, document = run_json("operation_request", "sample", "saint-paul", "--times", "3", "--dry-run")
    assert (code, document["parameters"]) == (0, {"colour": "red", "times": 3, "quietly": False})
    code, document = run_json("operation_request", "sample", "saint-paul", "--times", "3", "--wait")
    assert (code, document["state"], document["progress"]) == (0, "succeeded", 100)
    assert document["result"]["times"] == 3 and engine.list_calls("saint-paul").count("apply") == 1
    operation = instance.operations.get()
    done = [event.step for event in operation.events.all() if event.message == "done"]
    assert done == ["look", "touch", "tidy"]
    code, text = run_command("operation_request", "sample", "saint-paul", "--times", "10")
    assert code == 1 and "times" in text


def test_it_asks_for_its_permissions(instance: Instance) -> None:
    assert make_client(*NEEDED[:2]).post(ask_page(instance), {}).status_code == 403
    refused = make_caller("jeanne").post(ADDRESS, {}, "application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "permission_missing")
    make_client(*NEEDED, name="paul")
    assert make_caller("paul").post(ADDRESS, {}, "application/json").status_code == 202


def test_what_it_would_do_is_told_in_words(instance: Instance) -> None:
    with override("fr"):
        described = describe_operation(kind=KIND.code, instance=instance, parameters={"times": 3, "word": "oui"})
        assert described.sentences[0] == f"{KIND.button_label}\xa0: saint-paul."
        labels = [sentence.split("\xa0:")[0] for sentence in described.sentences[1:]]
        assert labels == [str(parameter.label) for parameter in KIND.parameters] and labels[-1] != "Reason"
        assert described.steps == tuple(str(step.label) for step in KIND.steps)
    with pytest.raises(InvalidValue):
        describe_operation(kind=KIND.code, instance=instance, parameters={"colour": "green"})


def test_it_holds_the_instance_and_lets_it_go(instance: Instance, finish: Finish) -> None:
    operation = request_operation(kind=KIND.code, instance=instance, requested_by="test")
    assert operation.lock == "saint-paul"
    assert finish(operation).lock is None


def test_a_worker_killed_in_every_step_of_it_changes_nothing() -> None:
    fleet = Fleet(**{"CIVIPAROISSE_LEASE_SECONDS": "600", KINDS: "tests.operations.sample_kind"})
    try:
        kill_in_every_step(fleet, KILLS)
    finally:
        fleet.stop()
