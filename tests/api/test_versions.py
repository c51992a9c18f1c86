"""Two people change one parish: the second is told, nothing of the first is lost."""

import json
from typing import Any

from django.test import Client

from api.versions import compute_etag
from tenants.models import Tenant
from tests.rows import make_tenant_row

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
