"""Two people change one parish: the second is told, nothing of the first is lost."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from api.versions import compute_etag
from domain.states import InstanceState, OperationState
from operations.models import Operation
from tenants.models import Instance, Tenant
from tests.rows import make_instance_row, make_tenant_row

ADDRESS = "/api/v1/tenants/saint-paul/"


def _change(api: Client, etag: str | None, **body: Any) -> Any:
    headers = {} if etag is None else {"if-match": etag}
    return api.patch(ADDRESS, json.dumps(body), "application/json", headers=headers)


def test_the_second_of_two_changes_is_refused(api: Client) -> None:
    make_tenant_row()
    first = second = api.get(ADDRESS)["ETag"]
    changed = _change(api, first, city="Colmar")
    assert changed.status_code == 200 and changed["ETag"] == api.get(ADDRESS)["ETag"] != first
    refused = _change(api, second, city="Mulhouse")
    assert (refused.status_code, refused.json()["error"]["code"]) == (412, "changed_meanwhile")
    assert Tenant.objects.get().city == "Colmar"
    assert api.delete(ADDRESS, headers={"if-match": second}).status_code == 412
    assert Tenant.objects.exists()


def test_the_present_state_any_state_and_no_condition_pass(api: Client) -> None:
    make_tenant_row()
    for condition in ("{etag}", "*", None, '"other", {etag}'):
        etag = condition and condition.format(etag=api.get(ADDRESS)["ETag"])
        assert _change(api, etag, phone="+33 3 88 00 00 00").status_code == 200, condition
    assert api.delete(ADDRESS, headers={"if-match": api.get(ADDRESS)["ETag"]}).status_code == 204


def test_a_changed_password_changes_the_etag_and_is_not_in_it() -> None:
    tenant = Tenant(slug="saint-paul", smtp_password="one")
    before = compute_etag(tenant)
    tenant.smtp_password = "two"
    assert compute_etag(tenant) != before and "two" not in compute_etag(tenant)


@pytest.mark.parametrize("path", ["backups", "resume", "suspend"])
def test_an_operation_is_not_begun_on_an_instance_that_changed_since(api: Client, path: str) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    address = "/api/v1/instances/saint-paul/"
    read = api.get(address)["ETag"]
    Instance.objects.update(cron_last_run_at=timezone.now())  # passes by itself
    assert api.get(address)["ETag"] == read
    Instance.objects.update(state=InstanceState.SUSPENDED)
    for query in ("", "?dry_run=true"):
        refused = _ask(api, f"{address}{path}/{query}", read)
        assert (refused.status_code, refused.json()["error"]["code"]) == (412, "changed_meanwhile")
    assert not Operation.objects.exists()
    Instance.objects.update(state=InstanceState.ACTIVE)
    begun = _ask(api, f"{address}{path}/", read, key="once")
    assert begun.status_code == 202
    # Sent again after it changed the instance: the answer of the first time.
    assert _ask(api, f"{address}{path}/", read, key="once").json()["id"] == begun.json()["id"]


def test_an_operation_that_ended_meanwhile_is_not_cancelled(api: Client) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    _ask(api, "/api/v1/instances/saint-paul/suspend/", None)
    address = f"/api/v1/operations/{Operation.objects.get().public_id}/"
    read = api.get(address)["ETag"]
    Operation.objects.update(state=OperationState.RUNNING)
    assert _ask(api, f"{address}cancel/", read).status_code == 412
    assert not Operation.objects.get().cancel_requested
    assert _ask(api, f"{address}cancel/", api.get(address)["ETag"]).status_code == 202


def _ask(api: Client, address: str, etag: str | None, key: str = "") -> Any:
    headers = ({} if etag is None else {"if-match": etag}) | ({"idempotency-key": key} if key else {})
    return api.post(address, "{}", "application/json", headers=headers)
