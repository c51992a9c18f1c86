"""What is wrong with campaigns: stopped by their rule, or standing still although they could go on."""

from datetime import datetime
from typing import Any

import pytest

from campaigns.checks import STOPPED, STUCK, list_campaign_alerts
from campaigns.models import Campaign
from tests.campaigns.cast import DAY, HOUR, NOON, make_fleet, make_started

pytestmark = pytest.mark.django_db


def list_codes(now: datetime) -> list[str]:
    return [alert.code for alert in list_campaign_alerts(now=now)]


def test_one_that_a_person_paused_is_no_problem_one_that_stopped_is() -> None:
    make_fleet(1)
    campaign = make_started(now=NOON)
    assert list_codes(NOON) == []
    Campaign.objects.update(state="paused", why_paused="person")
    assert list_codes(NOON) == []
    Campaign.objects.update(why_paused="failures")
    (alert,) = list_campaign_alerts(now=NOON)
    assert (alert.code, alert.subjects, alert.count) == (STOPPED, (campaign.public_id,), 1)
    assert alert.examples[0].name == campaign.name and alert.examples[0].link


@pytest.mark.parametrize(
    ("values", "later", "codes"),
    [
        ({}, DAY - HOUR, []),
        ({}, DAY + HOUR, [STUCK]),
        # It waits for its window, and is where it should be.
        ({"windows": [{"from": "12:00", "to": "12:15", "days": ["thu"]}]}, 2 * DAY, []),
        ({"windows": [{"from": "22:00", "to": "05:00"}]}, DAY + HOUR, [STUCK]),
    ],
)
def test_what_does_not_come_on_for_a_day_is_told(values: dict[str, Any], later: Any, codes: list[str]) -> None:
    make_fleet(2)
    campaign = make_started(now=NOON, **values)
    assert list_codes(NOON + later) == codes
    campaign.members.filter(position=0).update(state="done", ended_at=NOON + later - HOUR)
    assert list_codes(NOON + later) == [], "something has ended since"
    campaign.members.filter(position=0).update(state="running", ended_at=None)
    assert list_codes(NOON + later) == [], "something is at work: the operation has a watch of its own"
