"""campaign_start: from where it can, and refused elsewhere."""

import pytest

from campaigns.models import Campaign
from tests.campaigns.cast import make_campaign, make_fleet
from tests.commands import run_json

pytestmark = pytest.mark.django_db


def test_it_is_done_once() -> None:
    make_fleet(1)
    campaign = make_campaign()
    Campaign.objects.update(state="planned")
    code, answer = run_json("campaign_start", campaign.public_id)
    assert (code, answer["state"]) == (0, "running")
    assert campaign.events.filter(what="start", who__startswith="cli:").count() == 1
    code, answer = run_json("campaign_start", campaign.public_id)
    assert (code, answer["error"]["code"]) == (1, "campaign_state_forbids")
