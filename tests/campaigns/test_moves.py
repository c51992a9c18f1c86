"""One way to change a campaign's state: where its table allows it, with its event, or not at all."""

import pytest

from campaigns.models import Campaign
from campaigns.moves import hold_campaign, make_state_error, move_campaign, record_event
from domain.campaigns import CampaignMove
from domain.errors import CiviparoisseError, NotFound
from tests.campaigns.cast import NOON, list_events, make_campaign, make_fleet

pytestmark = pytest.mark.django_db


def test_a_move_writes_state_columns_and_event() -> None:
    make_fleet(1)
    with hold_campaign(make_campaign().public_id) as campaign:
        changes = {"started_at": NOON}
        moved = move_campaign(campaign, CampaignMove.START, by="anne", now=NOON, changes=changes, data={"n": 1})
    event = moved.events.order_by("-pk")[0]
    assert (moved.state, moved.started_at) == ("running", NOON)
    assert (event.who, event.what, event.at, event.data) == ("anne", "start", NOON, {"n": 1})


def test_what_the_table_forbids_writes_nothing() -> None:
    make_fleet(1)
    campaign = make_campaign()
    with pytest.raises(CiviparoisseError) as refused, hold_campaign(campaign.public_id) as held:
        move_campaign(held, CampaignMove.RESUME, by="anne", now=NOON, changes={"notes": "x"})
    assert refused.value.params == make_state_error(campaign).params
    campaign = Campaign.objects.get(pk=campaign.pk)
    assert (campaign.state, campaign.notes) == ("planned", "") and list_events(campaign) == ["created"]


def test_a_campaign_that_there_is_not_is_not_held() -> None:
    with pytest.raises(NotFound), hold_campaign("ca-nowhere"):
        raise AssertionError("held")


def test_who_did_something_fits_its_column() -> None:
    make_fleet(1)
    assert record_event(make_campaign(), "noted", by="x" * 400, now=NOON).who == "x" * 150
