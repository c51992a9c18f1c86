"""Operations over REST: listed, followed, cancelled."""

from typing import Any

import pytest
from django.test import Client

from domain.states import InstanceState, OperationKind
from operations.journal import record_event
from operations.models import Operation, OperationEvent
from operations.requests import request_operation
from tests.rows import make_instance_row

OPERATIONS = "/api/v1/operations/"


def _request(slug: str, kind: str, state: InstanceState) -> Operation:
    return request_operation(kind=kind, instance=make_instance_row(slug, state=state), requested_by="cli:jeanne")


def test_operations_are_listed_newest_first_and_narrowed(api: Client) -> None:
    first = _request("saint-paul", OperationKind.SUSPEND, InstanceState.ACTIVE)
    second = _request("saint-jean", OperationKind.PROVISION, InstanceState.NEW)
    Operation.objects.filter(pk=second.pk).update(state="failed", lock=None)

    def ids(**query: str) -> list[str]:
        return [row["id"] for row in api.get(OPERATIONS, query).json()["results"]]

    assert ids() == [second.public_id, first.public_id]
    assert ids(instance="saint-paul") == ids(kind="suspend") == ids(state="queued") == [first.public_id]
    assert ids(instance="nobody") == []
    refused = api.get(OPERATIONS, {"kind": "explode"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_value")


def test_one_operation_shows_its_steps_and_events(api: Client) -> None:
    operation = _request("saint-paul", OperationKind.PROVISION, InstanceState.NEW)
    record_event(operation, "second line", level="warning")
    body = api.get(f"{OPERATIONS}{operation.public_id}/").json()
    assert [step["state"] for step in body["steps"]] == ["pending"] * len(body["steps"]) and body["steps"]
    assert [event["message"] for event in body["events"]] == ["requested by cli:jeanne", "second line"]
    assert body["events"][1]["level"] == "warning"


def test_a_long_log_is_cut_to_its_end(api: Client) -> None:
    operation = _request("saint-paul", OperationKind.PROVISION, InstanceState.NEW)
    OperationEvent.objects.bulk_create(OperationEvent(operation=operation, message=str(n)) for n in range(600))
    events = api.get(f"{OPERATIONS}{operation.public_id}/").json()["events"]
    assert [event["message"] for event in events] == [str(n) for n in range(100, 600)]


def test_a_failure_is_told_in_the_callers_language(api: Client) -> None:
    operation = _request("saint-paul", OperationKind.PROVISION, InstanceState.NEW)
    params = {"program": "init", "instance": "saint-paul"}
    Operation.objects.update(state="failed", lock=None, error_code="job_lost", error_params=params)
    body = api.get(f"{OPERATIONS}{operation.public_id}/", headers={"accept-language": "en"}).json()
    assert body["error"]["code"] == "job_lost" and "was killed on saint-paul" in body["error"]["message"]


def test_a_cancel_is_recorded_with_who_asked(api: Client) -> None:
    operation = _request("saint-paul", OperationKind.PROVISION, InstanceState.NEW)
    answer = api.post(f"{OPERATIONS}{operation.public_id}/cancel/")
    assert (answer.status_code, answer.json()["cancel_requested"]) == (202, True)
    assert api.get(answer["Location"]).json()["events"][-1]["message"] == "cancel asked by api:jeanne"


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
def test_an_ended_operation_cannot_be_cancelled(api: Client, state: str) -> None:
    operation = _request("saint-paul", OperationKind.PROVISION, InstanceState.NEW)
    Operation.objects.update(state=state, lock=None)
    answer = api.post(f"{OPERATIONS}{operation.public_id}/cancel/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "operation_ended")


@pytest.mark.parametrize(("method", "path"), [("get", "op-0000000000/"), ("post", "op-0000000000/cancel/")])
def test_an_unknown_operation_is_not_found(api: Client, method: str, path: str) -> None:
    answer: Any = getattr(api, method)(f"{OPERATIONS}{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
