"""What the page of a campaign says of its state, its hours and its cells."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.reporting import Cell, Wave
from campaigns.windows import DAYS
from console.campaigns.facts import MOST_CELLS, MOST_NAMED, describe_page, draw_waves, word_size
from domain.campaigns import CampaignState, MemberState
from tests.console.campaigns.rows import make_campaign, make_fleet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults", "engine")]


def describe(campaign: Campaign) -> dict[str, Any]:
    http = RequestFactory().get("/")
    http.user = User.objects.filter(username="anne").first() or User.objects.create_superuser("anne")
    return describe_page(http, campaign, now=timezone.now())


@pytest.mark.parametrize("state", list(CampaignState), ids=str)
def test_each_state_has_its_page(state: CampaignState) -> None:
    make_fleet()
    campaign = make_campaign()
    Campaign.objects.update(state=state.value, why_paused="share" if state is CampaignState.PAUSED else "")
    campaign.refresh_from_db()
    shown = describe(campaign)
    assert (shown["why_paused"] is not None) is (state is CampaignState.PAUSED)
    assert bool(shown["sentences"]) is (state in (CampaignState.PLANNED, CampaignState.CANCELLING))
    assert shown["is_moving"] is (state in (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.CANCELLING))


def test_outside_of_its_hours_it_says_when_the_next_begin() -> None:
    make_fleet()
    # The day after tomorrow in Paris, whatever happens at midnight.
    day = DAYS[(timezone.localtime(timezone=ZoneInfo("Europe/Paris")) + timedelta(days=2)).weekday()]
    campaign = make_campaign(is_started=True, windows=[{"from": "00:00", "to": "23:59", "days": [day]}])
    assert "hors de ses heures" in str(describe(campaign)["sentences"])


def test_few_cells_have_names_and_of_very_many_the_rest_is_a_number() -> None:
    make_fleet()
    assert describe(make_campaign())["named_cells"] and MOST_NAMED < MOST_CELLS
    cell = Cell(identifier="p", parish="P", instance_id=1, tenant_id=1, state=MemberState.WAITING)
    waves = [Wave(number=number, cells=(cell,) * MOST_CELLS, counts={}) for number in (1, 2)]
    first, second = draw_waves(waves, sees_operations=True)
    assert (len(first["cells"]), first["others"]) == (MOST_CELLS, 0)
    assert (len(second["cells"]), second["others"]) == (0, MOST_CELLS)
    assert word_size(1) == "1 instance"
