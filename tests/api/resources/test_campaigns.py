"""Campaigns over REST: the same words and refusals as everywhere."""

from typing import Any

import pytest
from django.test import Client

from campaigns.models import Campaign
from domain.campaigns import MemberState
from tests.console.campaigns.rows import make_campaign, make_fleet, set_member
from tests.operations.conftest import engine  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]
ROOT = "/api/v1/campaigns/"
BODY = {"name": "Noël", "kind": "backup"}


def post(api: Client, path: str = "", body: Any = None) -> Any:
    return api.post(f"{ROOT}{path}", body or {}, content_type="application/json")


def test_a_dry_run_writes_nothing_and_a_campaign_is_planned(api: Client) -> None:
    make_fleet()
    plan = post(api, "?dry_run=true", BODY)
    assert plan.status_code == 200 and [row["wave"] for row in plan.json()["members"]] == [1, 2, 2]
    assert not Campaign.objects.exists()
    answer = post(api, "", BODY)
    assert answer.status_code == 201, answer.content
    document = answer.json()
    assert (document["state"], document["created_by"][:4]) == ("planned", "api:")
    assert answer["Location"] == f"{ROOT}{document['id']}"
    assert api.get(answer["Location"]).json()["standing"]["counts"]["waiting"] == 3
    again = post(api, "", BODY)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "campaign_empty")


def test_the_life_of_a_campaign(api: Client) -> None:
    make_fleet()
    campaign = make_campaign()
    address = f"{campaign.public_id}/"
    assert post(api, f"{address}start/").json()["state"] == "running"
    paused = post(api, f"{address}pause/", {"reason": "Fête"}).json()
    assert (paused["state"], paused["why_paused"], paused["pause_note"]) == ("paused", "person", "Fête")
    refused = post(api, f"{address}pause/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "campaign_state_forbids")
    assert post(api, f"{address}retry/").json()["error"]["code"] == "campaign_nothing_to_retry"
    assert post(api, f"{address}resume/").json()["state"] == "running"
    set_member(campaign, "saint-jean", MemberState.FAILED, error_code="job_lost")
    failed = api.get(f"{ROOT}{address}members/?state=failed").json()
    assert failed["count"] == 1 and failed["results"][0]["error"]["code"] == "job_lost"
    assert post(api, f"{address}retry/").json()["state"] == "running"
    assert post(api, f"{address}notes/", {"notes": "Noté"}).json()["notes"] == "Noté"
    assert post(api, f"{address}cancel/").json()["state"] == "cancelling"
    events = [row["what"] for row in api.get(f"{ROOT}{address}events/").json()["results"]]
    assert events == ["cancel", "noted", "retry", "resume", "pause", "start", "created"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"parameters": {"gibibytes": 3}}, "gibibytes"),
        ({"selection": {"slugs": ["nobody"]}}, "selection"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone"),
        ({"waves": [{"size": None}, {"size": 1}]}, "waves"),
    ],
)
def test_what_does_not_fit_is_named(api: Client, body: dict[str, Any], field: str) -> None:
    answer = post(api, "", BODY | body)
    assert answer.status_code == 409 and field in answer.json()["error"]["message"], answer.content
    assert not Campaign.objects.exists()


def test_members_come_in_pages_and_unknown_states_are_refused(api: Client) -> None:
    make_fleet()
    campaign = make_campaign()
    page = api.get(f"{ROOT}{campaign.public_id}/members/?limit=2").json()
    assert (page["count"], len(page["results"])) == (3, 2)
    assert api.get(f"{ROOT}{campaign.public_id}/members/?state=lost").status_code == 400
    assert api.get(f"{ROOT}ca-0000000000/").status_code == 404
    assert api.get(f"{ROOT}?state=planned&kind=backup").json()["count"] == 1
    assert api.get(f"{ROOT}?state=done").json()["count"] == 0
