"""campaign_retry: what has failed has another turn; where nothing has, that is said."""

import pytest

from campaigns.models import Campaign
from tests.campaigns.cast import list_states, make_campaign, make_fleet
from tests.commands import run_json

pytestmark = pytest.mark.django_db


def test_what_failed_waits_again() -> None:
    make_fleet(2)
    campaign = make_campaign()
    Campaign.objects.update(state="paused", why_paused="wave")
    campaign.members.filter(position=0).update(state="failed")
    code, answer = run_json("campaign_retry", campaign.public_id)
    assert (code, answer["state"], answer["why_paused"]) == (0, "running", None)
    assert list_states(campaign) == ["waiting", "waiting"]
    code, answer = run_json("campaign_retry", campaign.public_id)
    assert (code, answer["error"]["code"]) == (1, "campaign_nothing_to_retry")
