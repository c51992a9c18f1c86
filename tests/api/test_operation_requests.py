"""Idempotency keys: the same request once, whoever repeats it, and nobody else's."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

from api.tokens import create_token
from domain.states import InstanceState
from operations.models import Operation
from tests.rows import make_instance_row

DELETE = "/api/v1/instances/saint-paul/delete/"


def _delete(api: Client, key: str | None, **body: bool) -> Any:
    headers = {} if key is None else {"idempotency-key": key}
    return api.post(DELETE, json.dumps({**body, "confirm": "saint-paul"}), "application/json", headers=headers)


@pytest.fixture(autouse=True)
def instance(db: None) -> None:  # noqa: ARG001
    make_instance_row(state=InstanceState.ACTIVE)


def test_a_repeated_request_is_the_same_operation_even_when_it_has_ended(api: Client) -> None:
    first = _delete(api, "k1", final_backup=True)
    again = _delete(api, "k1", final_backup=True)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    assert "Idempotency-Replayed" not in first and again["Idempotency-Replayed"] == "true"
    Operation.objects.update(state="succeeded", lock=None)
    late = _delete(api, "k1", final_backup=True)
    assert (late.json()["id"], late.json()["state"]) == (first.json()["id"], "succeeded")
    assert Operation.objects.count() == 1


def test_a_key_for_another_request_is_refused(api: Client) -> None:
    first = _delete(api, "k1", final_backup=True).json()["id"]
    for answer in (
        _delete(api, "k1"),
        api.generic("POST", "/api/v1/instances/saint-paul/suspend/", headers={"idempotency-key": "k1"}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_key_reused")
        assert first in answer.json()["error"]["message"]


def test_keys_of_two_accounts_never_meet(api: Client) -> None:
    _delete(api, "k1")
    User.objects.create_user("paul", is_staff=True, is_superuser=True)
    other = Client(headers={"authorization": f"Bearer {create_token('paul', 'x', scopes=['admin'])[1]}"})
    assert _delete(other, "k1").json()["error"]["code"] == "instance_busy"


@pytest.mark.parametrize("key", ["", "é", "a\tb", "x" * 201, "\x7f"])
def test_an_unusable_key_is_refused_before_anything_is_written(api: Client, key: str) -> None:
    answer = _delete(api, key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_value")
    assert answer.json()["error"]["fields"][0]["field"] == "Idempotency-Key"
    assert not Operation.objects.exists()


@pytest.mark.parametrize("key", ["x" * 200, "~", "a b", "k'\"<>%s"])
def test_every_printable_key_is_accepted(api: Client, key: str) -> None:
    assert _delete(api, key).status_code == 202
    assert _delete(api, key)["Idempotency-Replayed"] == "true"


def test_without_a_key_a_repeated_request_is_a_second_one(api: Client) -> None:
    assert _delete(api, None).status_code == 202
    assert _delete(api, None).json()["error"]["code"] == "instance_busy"


@pytest.mark.django_db(transaction=True)
def test_twenty_equal_requests_at_once_begin_one_operation(api: Client) -> None:
    header = (
        api.defaults["HTTP_AUTHORIZATION"] if "HTTP_AUTHORIZATION" in api.defaults else api.headers["authorization"]
    )

    def ask(_number: int) -> tuple[int, str]:
        try:
            answer = _delete(Client(headers={"authorization": header}, raise_request_exception=False), "one key")
            return answer.status_code, answer.json().get("id", answer.content.decode())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(ask, range(20)))
    assert len(answers) == 1 and answers.pop()[0] == 202
    assert Operation.objects.count() == 1
