"""campaign_show: its standing, its members, what happened; or the CSV alone."""

import pytest

from tests.campaigns.cast import make_fleet, make_started
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


def test_all_of_it() -> None:
    make_fleet(2)
    campaign = make_started(name="November")
    error = {"error_code": "engine_unavailable", "error_params": {"detail": "no answer in time"}}
    campaign.members.filter(position=0).update(state="failed", **error)
    code, answer = run_json("campaign_show", campaign.public_id)
    assert code == 0 and [row["instance"] for row in answer["members"]] == ["p-000", "p-001"]
    assert answer["standing"]["counts"]["failed"] == 1 and answer["events"][0]["what"] == "created"
    out = run_command("campaign_show", campaign.public_id)[1]
    assert "November" in out and "p-000" in out and "p-001" in out
    lines = run_command("campaign_show", campaign.public_id, "--csv")[1].strip().splitlines()
    assert len(lines) == 3 and lines[1].startswith("p-000;")
