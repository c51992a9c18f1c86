"""Plans and releases are read, never written, over REST."""

import pytest
from django.test import Client

from tests.builders import GIBIBYTE
from tests.rows import make_instance_row


def test_a_plan_shows_its_containers(api: Client) -> None:
    make_instance_row()
    plan = api.get("/api/v1/plans/test/").json()
    assert plan["db_volume_bytes"] == GIBIBYTE
    httpd = next(row for row in plan["containers"] if row["container"] == "httpd")
    assert (httpd["cpu_limit_millicores"], httpd["memory_limit_bytes"]) == (1000, GIBIBYTE)
    assert "test" in [row["name"] for row in api.get("/api/v1/plans/").json()["results"]]


def test_a_release_shows_its_versions(api: Client) -> None:
    make_instance_row()
    assert api.get("/api/v1/releases/test/").json()["versions"] == {"civicrm": "5.61.1"}
    assert "test" in [row["name"] for row in api.get("/api/v1/releases/").json()["results"]]


@pytest.mark.parametrize("path", ["/api/v1/plans/", "/api/v1/releases/", "/api/v1/plans/test/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_catalogue_is_read_only(api: Client, method: str, path: str) -> None:
    make_instance_row()
    assert getattr(api, method)(path, {}, content_type="application/json").status_code == 405
