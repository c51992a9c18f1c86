"""Backups and restores over REST: read, begun, refused."""

import json
from typing import Any

import pytest
from django.test import Client

from backups.models import Backup
from domain.states import InstanceState
from operations.models import Operation
from tests.rows import make_instance_row

INSTANCES, BACKUPS, RESTORES = "/api/v1/instances/", "/api/v1/backups/", "/api/v1/restores/"


def _post(api: Client, address: str, body: Any) -> Any:
    return api.post(address, json.dumps(body), "application/json")


@pytest.fixture
def good(db: None) -> Backup:  # noqa: ARG001
    """A good backup of Saint-Paul, which is active."""
    instance = make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    return Backup.objects.create(backup_id="20261121T080000Z-5f3a9c", instance=instance, state="good", rows=12)


def test_backups_are_listed_narrowed_and_read(api: Client, good: Backup) -> None:
    other = make_instance_row("saint-jean", state=InstanceState.ACTIVE)
    failed = Backup.objects.create(
        backup_id="20261121T090000Z-000000",
        instance=other,
        state="failed",
        error_code="job_lost",
        error_params={"program": "backup", "instance": "saint-jean"},
    )

    def ids(**query: str) -> list[str]:
        return [row["id"] for row in api.get(BACKUPS, query).json()["results"]]

    assert ids() == [failed.backup_id, good.backup_id]
    assert ids(instance="saint-paul") == ids(tenant="saint-paul") == ids(state="good") == [good.backup_id]
    shown = api.get(f"{BACKUPS}{good.backup_id}/").json()
    assert (shown["tenant"], shown["instance"], shown["rows"]) == ("saint-paul", "saint-paul", 12)
    told = api.get(f"{BACKUPS}{failed.backup_id}/", headers={"accept-language": "en"}).json()["error"]
    assert told["code"] == "job_lost" and "backup program was killed on saint-jean" in told["message"]


def test_a_backup_is_begun_with_its_parameters(api: Client, good: Backup) -> None:  # noqa: ARG001
    answer = _post(api, f"{INSTANCES}saint-paul/backups/", {"scope": "database", "mode": "cold"})
    body = answer.json()
    assert (answer.status_code, body["kind"]) == (202, "backup"), body
    assert (body["parameters"]["scope"], body["parameters"]["mode"]) == ("database", "cold")


@pytest.mark.parametrize("body", [{"scope": "some"}, {"reason": "final"}, {"codec": "rar"}, {"mode": None}])
def test_a_backup_of_another_sort_is_refused(api: Client, good: Backup, body: Any) -> None:  # noqa: ARG001
    answer = _post(api, f"{INSTANCES}saint-paul/backups/", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_value")
    assert answer.json()["error"]["fields"][0]["field"] == next(iter(body))


@pytest.mark.parametrize("address", [f"{INSTANCES}saint-paul/restores/", RESTORES])
def test_a_restore_is_begun_at_either_address_and_listed(api: Client, good: Backup, address: str) -> None:
    body = {"backup_id": good.backup_id, "confirm": "saint-paul"}
    if address == RESTORES:
        body["instance"] = "saint-paul"
    answer = _post(api, address, body)
    assert (answer.status_code, answer.json().get("kind")) == (202, "restore"), answer.json()
    listed = api.get(RESTORES, {"instance": "saint-paul", "state": "queued"}).json()["results"]
    assert [row["id"] for row in listed] == [answer.json()["id"]]
    assert api.get(RESTORES, {"instance": "saint-jean"}).json()["count"] == 0


def test_a_dry_run_of_a_restore_says_what_is_lost_and_writes_nothing(api: Client, good: Backup) -> None:
    body = {"instance": "saint-paul", "backup_id": good.backup_id, "confirm": "saint-paul"}
    answer = _post(api, f"{RESTORES}?dry_run=true", body)
    assert (answer.status_code, answer.json()["kind"]) == (200, "restore")
    assert answer.json()["parameters"]["safety_backup"] is True
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"confirm": "saint-jean"}, 409, "restore_unconfirmed"),
        ({"backup_id": "20200101T000000Z-000000"}, 404, "not_found"),
        ({"instance": "nobody"}, 404, "not_found"),
        ({"instance": "saint-jean", "confirm": "saint-jean"}, 409, "invalid_value"),
        ({"database": "mysql"}, 400, "invalid_value"),
        ({"scope": "files", "database": "civicrm"}, 409, "invalid_value"),
        ({"force": True}, 400, "invalid_value"),
    ],
)
def test_a_restore_is_refused_by_its_code(
    api: Client, good: Backup, change: dict[str, Any], status: int, code: str
) -> None:
    make_instance_row("saint-jean", state=InstanceState.ACTIVE)
    body = {"instance": "saint-paul", "backup_id": good.backup_id, "confirm": "saint-paul", **change}
    answer = _post(api, RESTORES, body)
    assert answer.json()["error"]["code"] == code
    assert answer.status_code == status
    assert not Operation.objects.exists()


def test_a_backup_that_is_not_good_is_not_restored(api: Client, good: Backup) -> None:
    Backup.objects.update(state="failed")
    answer = _post(api, f"{INSTANCES}saint-paul/restores/", {"backup_id": good.backup_id, "confirm": "saint-paul"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "backup_not_good")


def test_an_unknown_backup_is_not_found(api: Client) -> None:
    answer = api.get(f"{BACKUPS}nothing/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_backup_is_neither_changed_nor_deleted_over_rest(api: Client, good: Backup, method: str) -> None:
    assert getattr(api, method)(f"{BACKUPS}{good.backup_id}/").status_code == 405
    assert Backup.objects.get().state == "good"
