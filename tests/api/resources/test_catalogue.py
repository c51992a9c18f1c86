"""Plans and releases over REST: read, recorded and changed, under permissions and with what was read named."""

from typing import Any

import pytest
from django.test import Client

from domain.states import InstanceState
from tenants.models import Plan, Release
from tests.builders import GIBIBYTE
from tests.rows import make_instance_row

PLANS, RELEASES = "/api/v1/plans/", "/api/v1/releases/"


def _send(api: Client, method: str, address: str, body: object, **headers: str) -> Any:
    return getattr(api, method)(address, body, content_type="application/json", headers=headers)


def test_a_plan_shows_its_containers(api: Client) -> None:
    make_instance_row()
    plan = api.get(f"{PLANS}test/").json()
    assert (plan["db_volume_bytes"], plan["instances"]) == (GIBIBYTE, 1)
    httpd = next(row for row in plan["containers"] if row["container"] == "httpd")
    assert (httpd["cpu_limit_millicores"], httpd["memory_limit_bytes"]) == (1000, GIBIBYTE)
    assert "test" in [row["name"] for row in api.get(PLANS).json()["results"]]


def test_a_release_shows_its_versions(api: Client) -> None:
    make_instance_row()
    assert api.get(f"{RELEASES}test/").json()["versions"] == {"civicrm": "5.61.1"}
    assert "test" in [row["name"] for row in api.get(RELEASES).json()["results"]]


def test_a_plan_is_recorded_like_another_and_changed(api: Client) -> None:
    make_instance_row()
    small = {"container": "httpd", "cpu_request_millicores": 100}
    made = _send(api, "post", PLANS, {"name": "small", "like": "test", "containers": [small]})
    assert made.status_code == 201 and made["Location"] == f"{PLANS}small", made.content
    assert api.get(f"{PLANS}small/")["ETag"] == made["ETag"]
    changed = _send(api, "patch", f"{PLANS}small/", {"db_volume_bytes": 4 * GIBIBYTE}, **{"If-Match": made["ETag"]})
    assert changed.json()["db_volume_bytes"] == 4 * GIBIBYTE
    httpd = next(row for row in changed.json()["containers"] if row["container"] == "httpd")
    assert (httpd["cpu_request_millicores"], httpd["cpu_limit_millicores"]) == (100, 1000)
    late = _send(api, "patch", f"{PLANS}small/", {"db_volume_bytes": GIBIBYTE}, **{"If-Match": made["ETag"]})
    assert (late.status_code, late.json()["error"]["code"]) == (412, "changed_meanwhile")


def test_a_release_whose_name_would_be_two_parts_of_an_address_is_refused(api: Client) -> None:
    answer = _send(api, "post", RELEASES, {"name": "6.1/beta", "like": "test"})
    assert (answer.status_code, answer.json()["error"]["fields"][0]["field"]) == (400, "name")
    assert not Release.objects.filter(name__contains="/").exists()


def test_a_release_is_recorded_like_another_and_changed(api: Client) -> None:
    make_instance_row()
    body = {"name": "next", "like": "test", "images": {"httpd": "registry.example/httpd:2"}}
    made = _send(api, "post", RELEASES, body)
    assert (made.status_code, made.json()["versions"]) == (201, {"civicrm": "5.61.1"}), made.content
    change = {"versions": {"civicrm": "6.1", "drupal": "11"}, "images": {"httpd": ""}, "is_default": True}
    changed = _send(api, "patch", f"{RELEASES}next/", change)
    assert changed.json()["versions"] == {"civicrm": "6.1", "drupal": "11"}
    assert "httpd" not in changed.json()["images"] and Release.objects.get(is_default=True).name == "next"


@pytest.mark.parametrize(
    ("address", "body", "status", "code"),
    [
        (PLANS, {"name": "small"}, 400, None),
        (PLANS, {"name": "test", "like": "test"}, 409, "plan_exists"),
        (PLANS, {"name": "small", "like": "none"}, 404, "not_found"),
        (PLANS, {"name": "a b", "like": "test"}, 400, None),
        (PLANS, {"name": "small", "like": "test", "db_volume_bytes": 0}, 400, None),
        (PLANS, {"name": "small", "like": "test", "db_volume_bytes": "2Gi"}, 400, None),
        (PLANS, {"name": "small", "like": "test", "start_servers": 99}, 409, "invalid_value"),
        (PLANS, {"name": "small", "like": "test", "containers": [{"container": "tools"}]}, 400, None),
        (
            PLANS,
            {"name": "small", "like": "test", "containers": [{"container": "db", "cpu_limit_millicores": 1}]},
            409,
            "invalid_value",
        ),
        (RELEASES, {"name": "next", "images": {"apache": "x"}}, 400, None),
        (RELEASES, {"name": "test"}, 409, "release_exists"),
        (RELEASES, {"name": "next", "colour": "red"}, 400, None),
    ],
    ids=str,
)
def test_what_could_not_be_used_is_refused(
    api: Client, address: str, body: dict[str, Any], status: int, code: str | None
) -> None:
    make_instance_row()
    counts = Plan.objects.count(), Release.objects.count()
    answer = _send(api, "post", address, body)
    # 409: each value is of its form, and they do not go together.
    assert answer.status_code in (status, 409) if code is None else answer.status_code == status, answer.content
    assert code is None or answer.json()["error"]["code"] == code
    assert (Plan.objects.count(), Release.objects.count()) == counts


def test_a_volume_that_an_instance_has_does_not_shrink(api: Client) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    answer = _send(api, "patch", f"{PLANS}test/", {"db_volume_bytes": GIBIBYTE // 2})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "plan_volume_shrinks")


@pytest.mark.parametrize("path", [PLANS, RELEASES, f"{PLANS}test/"])
@pytest.mark.parametrize("method", ["put", "delete"])
def test_nothing_is_replaced_or_removed(api: Client, method: str, path: str) -> None:
    make_instance_row()
    assert getattr(api, method)(path, {}, content_type="application/json").status_code == 405
