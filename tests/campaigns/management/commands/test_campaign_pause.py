"""campaign_pause: from where it can, and refused elsewhere."""

import pytest

from campaigns.models import Campaign
from tests.campaigns.cast import make_campaign, make_fleet
from tests.commands import run_json

pytestmark = pytest.mark.django_db


def test_it_is_done_once() -> None:
    make_fleet(1)
    campaign = make_campaign()
    Campaign.objects.update(state="running")
    code, answer = run_json("campaign_pause", campaign.public_id)
    assert (code, answer["state"]) == (0, "paused")
    assert campaign.events.filter(what="pause", who__startswith="cli:").count() == 1
    code, answer = run_json("campaign_pause", campaign.public_id)
    assert (code, answer["error"]["code"]) == (1, "campaign_state_forbids")


def test_its_reason_is_kept() -> None:
    make_fleet(1)
    campaign = make_campaign()
    Campaign.objects.update(state="running")
    answer = run_json("campaign_pause", campaign.public_id, "--reason", "the mail server is down")[1]
    assert (answer["why_paused"], answer["pause_note"]) == ("person", "the mail server is down")
