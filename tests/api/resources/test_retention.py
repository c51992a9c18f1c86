"""What becomes of the sets of an instance, its policy, and pins, over REST."""

from typing import Any

from django.test import Client

from backups.policies import find_policy
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

URL = "/api/v1/instances/saint-paul/"


def _post(api: Client, address: str, body: object) -> Any:
    return api.post(address, body, content_type="application/json")


def test_the_fate_of_each_set_by_a_policy_that_is_only_thought_of(api: Client) -> None:
    paul = make_instance_row()
    names = [make_backup_row(paul, hours_ago=24 * days, stored_bytes=1).backup_id for days in (3, 2, 1)]
    own = api.get(f"{URL}retention/").json()
    assert (own["policy"], [one["id"] for one in own["sets"]]) == ("critical", names)
    assert all(one["keep"] and one["because"] and one["sentence"] for one in own["sets"])
    thought = api.get(f"{URL}retention/?keep_last=1").json()
    assert [one["keep"] for one in thought["sets"]] == [False, False, True]
    assert api.get(f"{URL}retention/?policy=low").json()["policy"] == "low"
    for wrong, code in (("keep_last=x", 400), ("keep_last=-1", 400), ("keep_last=0", 409), ("keep_hourly=1", 400)):
        assert api.get(f"{URL}retention/?{wrong}").status_code == code
    assert api.get(f"{URL}retention/?policy=none").status_code == 404


def test_a_policy_is_chosen(api: Client) -> None:
    paul = make_instance_row()
    assert _post(api, f"{URL}policy/", {"policy": "low"}).json()["policy"] == "low"
    assert find_policy(paul).name == "low"
    assert _post(api, f"{URL}policy/", {"policy": ""}).json()["policy"] == "critical"
    assert _post(api, f"{URL}policy/", {}).status_code == 400
    assert _post(api, f"{URL}policy/", {"policy": "none"}).status_code == 404


def test_a_set_is_pinned_and_unpinned(api: Client) -> None:
    url = f"/api/v1/backups/{make_backup_row(make_instance_row()).backup_id}/"
    pinned = _post(api, f"{url}pin/", {"reason": "the move", "until": "2127-01-31T00:00:00Z"}).json()
    assert (pinned["pin_reason"], pinned["pinned_by"]) == ("the move", "api:jeanne")
    assert api.get(url).json()["pinned_at"] is not None
    assert _post(api, f"{url}unpin/", {}).json()["pinned_at"] is None
    for wrong in ({}, {"reason": ""}, {"reason": "x", "for": 1}):
        assert _post(api, f"{url}pin/", wrong).status_code == 400
    assert _post(api, f"{url}pin/", {"reason": "x", "until": "2020-01-31T00:00:00Z"}).status_code == 409
