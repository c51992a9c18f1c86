"""The schema says what only our code knows."""

from typing import Any

import pytest
from django.test import Client

from api.schema import METHODS
from operations.registry import list_kinds


@pytest.fixture
def schema(api: Client) -> dict[str, Any]:
    answer = api.get("/api/v1/schema/")
    assert answer.status_code == 200
    return answer.json()  # type: ignore[no-any-return]


def test_strangers_do_not_get_it(stranger: Client) -> None:
    assert stranger.get("/api/v1/schema/").status_code == 401


def test_every_operation_may_answer_with_the_one_error(schema: dict[str, Any]) -> None:
    for path, item in schema["paths"].items():
        for method in METHODS & item.keys():
            for status in ("4XX", "5XX"):
                content = item[method]["responses"][status]["content"]
                assert content == {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}, path


def test_addresses_of_mail_are_described_by_our_own_rule(schema: dict[str, Any]) -> None:
    properties = [
        item for body in schema["components"]["schemas"].values() for item in body.get("properties", {}).items()
    ]
    mails = [value for name, value in properties if name in ("drupal_site_mail", "admin_mail")]
    assert mails and all("pattern" in value and "format" not in value for value in mails)


def test_request_bodies_are_closed_and_answers_hold_no_password(schema: dict[str, Any]) -> None:
    bodies = {name: body for name, body in schema["components"]["schemas"].items() if name.endswith("Request")}
    assert bodies and all(body["additionalProperties"] is False for body in bodies.values())
    assert "smtp_password" in bodies["TenantBodyRequest"]["properties"]
    for name, component in schema["components"]["schemas"].items():
        if name not in bodies:
            named = [field for field in component["properties"] if "password" in field or "secret" in field]
            assert set(named) <= {"ingress_tls_secret"}, name  # the name of an object of the cluster


def test_what_begins_an_operation_takes_a_key_and_a_dry_run(schema: dict[str, Any]) -> None:
    begins = [
        item["post"]
        for item in schema["paths"].values()
        if "post" in item and {"200", "202"} <= item["post"]["responses"].keys()
    ]
    # One for each kind; a restore from the list of restores too, and a recommendation that is followed.
    assert len(begins) == len(list_kinds()) + 2
    for post in begins:
        assert {"Idempotency-Key", "dry_run"} <= {parameter["name"] for parameter in post["parameters"]}
        assert {"Location", "Idempotency-Replayed"} == post["responses"]["202"]["headers"].keys()
