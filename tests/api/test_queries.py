"""Queries are taken at their word."""

import pytest
from django.test import Client

from domain.states import InstanceState
from operations.models import Operation
from tests.rows import make_instance_row

INSTANCE = "/api/v1/instances/saint-paul/"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/api/v1/operations/?stat=failed", "stat"),
        ("/api/v1/operations/?state=failed&state=queued", "state"),
        ("/api/v1/operations/?state=", "state"),
        ("/api/v1/restores/?kind=backup", "kind"),
        ("/api/v1/backups/?search=x", "search"),
        ("/api/v1/tenants/?format=xml", "format"),
        (f"{INSTANCE}?limit=1", "limit"),
    ],
)
def test_what_is_not_known_is_refused_by_its_name(api: Client, address: str, name: str) -> None:
    make_instance_row()
    answer = api.get(address)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_value")
    assert answer.json()["error"]["fields"][0]["field"] == name


@pytest.mark.parametrize("query", ["dryrun=true", "dry_run=true&dry_run=false", "dry-run=true"])
def test_a_mistyped_dry_run_begins_nothing(api: Client, query: str) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    assert api.post(f"{INSTANCE}suspend/?{query}", {}, content_type="application/json").status_code == 400
    assert not Operation.objects.exists()


def test_strangers_learn_nothing_from_a_query(stranger: Client) -> None:
    assert stranger.get("/api/v1/operations/?stat=failed").status_code == 401
