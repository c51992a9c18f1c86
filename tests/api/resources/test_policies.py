"""Backup policies over REST."""

from typing import Any

import pytest
from django.test import Client

from backups.models import BackupPolicy

URL = "/api/v1/policies/"


def _send(api: Client, method: str, address: str, body: object, **headers: str) -> Any:
    return getattr(api, method)(address, body, content_type="application/json", headers=headers)


def test_a_policy_is_made_changed_and_deleted(api: Client) -> None:
    made = _send(api, "post", URL, {"name": "own", "label": "x", "keep_daily": 7, "hours": [22]})
    assert made.status_code == 201 and made["Location"] == f"{URL}own"
    assert api.get(f"{URL}own/")["ETag"] == made["ETag"]
    changed = _send(api, "patch", f"{URL}own/", {"keep_daily": 9}, **{"If-Match": made["ETag"]})
    assert (changed.status_code, changed.json()["keep_daily"], changed.json()["hours"]) == (200, 9, [22])
    late = _send(api, "patch", f"{URL}own/", {"keep_daily": 1}, **{"If-Match": made["ETag"]})
    assert (late.status_code, BackupPolicy.objects.get(name="own").keep_daily) == (412, 9)
    assert api.delete(f"{URL}own/").status_code == 204
    assert api.get(f"{URL}own/").status_code == 404
    assert {row["name"] for row in api.get(URL).json()["results"]} == {"critical", "medium", "low"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "own"},
        {"name": "own", "label": "x"},
        {"name": "own", "label": "x", "keep_last": -1},
        {"name": "own", "label": "x", "keep_last": 1, "hours": [2]},
        {"name": "own", "label": "x", "keep_last": 1, "colour": "red"},
        {"name": "a b", "label": "x", "keep_last": 1},
        {"name": "own", "label": "x", "keep_last": 1, "warning_hours": 3},
    ],
    ids=str,
)
def test_a_wrong_policy_is_refused(api: Client, body: dict[str, Any]) -> None:
    # 409: each value is of its form, and they do not go together.
    assert _send(api, "post", URL, body).status_code in (400, 409)
    assert BackupPolicy.objects.count() == 3


def test_a_policy_that_is_used_stays(api: Client) -> None:
    answer = api.delete(f"{URL}critical/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "policy_in_use")
