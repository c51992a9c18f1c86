"""The one shape of an operation, in REST and in --json."""

import json

import pytest
from django.utils import translation

from domain.states import InstanceState, OperationKind
from operations.documents import DescriptionSerializer, EventSerializer, OperationSerializer, StoredErrorSerializer
from operations.requests import describe_operation
from tests.engines import FakeEngine
from tests.operations.conftest import Finish, Request
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_shape_of_an_operation(ask: Request, engine: FakeEngine, finish: Finish) -> None:
    engine.fail("saint-paul", "run_job init", times=1, code="missing_privilege")
    operation = finish(ask(OperationKind.PROVISION, state=InstanceState.NEW))
    shown = json.loads(json.dumps(OperationSerializer(operation).data))
    keys = "id kind instance state progress message cancel_requested requested_by parameters steps error result"
    assert set(shown) == {*keys.split(), "created_at", "started_at", "ended_at", "next_run_at"}
    assert (shown["id"], shown["kind"], shown["state"]) == (operation.public_id, "provision", "failed")
    assert shown["error"]["code"] == "program_failed"
    assert "missing_privilege" in shown["error"]["message"]
    assert [step["state"] for step in shown["steps"][:3]] == ["done", "failed", "skipped"]
    assert shown["ended_at"].endswith("+00:00")
    assert all(step["label"] and step["label"] != step["name"] for step in shown["steps"])


def test_a_description_is_json() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    described = describe_operation(kind=OperationKind.SUSPEND, instance=instance)
    shown = json.loads(json.dumps(DescriptionSerializer(described).data))
    assert (shown["kind"], shown["instance"], shown["parameters"]) == ("suspend", "saint-paul", {})
    assert shown["sentences"] == list(described.sentences) and shown["steps"] == list(described.steps)


def test_an_error_is_told_of_a_row_and_of_what_is_kept_in_json() -> None:
    with translation.override("en"):
        shown = StoredErrorSerializer({"code": "not_found", "params": {"what": "instance", "name": "x"}}).data
    assert shown == {
        "code": "not_found",
        "message": "There is no instance named x.",
        "hint": shown["hint"],
        "params": {"what": "instance", "name": "x"},
    }


def test_times_have_the_zone_that_they_are_kept_in(ask: Request) -> None:
    operation = ask(OperationKind.SUSPEND)
    (event,) = EventSerializer(operation.events.all(), many=True).data
    assert event["at"].endswith("+00:00") and event["message"] == "requested by test"
