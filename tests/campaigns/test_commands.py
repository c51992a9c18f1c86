"""What the commands share: which campaign, in whose name, and how it is told."""

import pytest
from django.contrib.auth.models import User

from campaigns.commands import format_campaign
from campaigns.documents import CampaignSerializer
from campaigns.models import Campaign
from tests.campaigns.cast import make_campaign, make_fleet
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


def test_a_campaign_that_there_is_not_and_an_account_that_may_not() -> None:
    make_fleet(1)
    campaign = make_campaign()
    code, answer = run_json("campaign_start", "ca-nowhere")
    assert (code, answer["error"]["code"]) == (1, "not_found")
    User.objects.create_user("anne")
    code, answer = run_json("campaign_start", campaign.public_id, "--as", "anne")
    assert (code, answer["error"]["code"]) == (1, "permission_missing")
    assert Campaign.objects.get().state == "planned" and run_command("campaign_start")[0] != 0


def test_a_line_says_why_it_is_paused() -> None:
    make_fleet(1)
    campaign = make_campaign(name="November")
    Campaign.objects.update(state="paused", why_paused="person", pause_note="the mail server is down")
    campaign.refresh_from_db()
    line = format_campaign(dict(CampaignSerializer(campaign).data))
    assert campaign.public_id in line and "November" in line and "the mail server is down" in line
