"""What a campaign was told, in words."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from campaigns.models import CampaignEvent
from console.campaigns.wording import (
    word_calendar,
    word_event,
    word_parameters,
    word_selection,
    word_stop_rule,
    word_waves,
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The texts as they are in the source."""
    with translation.override("en"):
        yield


def test_a_selection_says_each_of_its_limits() -> None:
    assert word_selection({}) == "all"
    told = word_selection(
        {
            "kinds": ["production"],
            "states": ["active"],
            "clusters": ["strasbourg"],
            "releases": ["a", "b"],
            "plans": ["large"],
            "slugs": [f"p-{number}" for number in range(12)],
            "volunteers": False,
        }
    )
    for text in ("instances of parishes", "on strasbourg", "a, b", "plan large", "p-9, … (+2)", "without the parishes"):
        assert text in told, text
    assert "parishes that go first" in word_selection({"volunteers": True})


@pytest.mark.parametrize(
    ("sizes", "told"),
    [([1, 5, None], "1, 5, then the rest"), ([None], "all in one"), ([3], "3"), ([], "")],
)
def test_waves(sizes: list[int | None], told: str) -> None:
    assert word_waves(sizes) == told


def test_hours_and_days_without() -> None:
    nights = {"from": "22:00", "to": "05:00", "days": ["mon", "tue"]}
    told = word_calendar([nights], {"weekdays": ["sun"], "dates": ["12-24..12-26"]}, "Europe/Paris")
    assert told == "from 22:00 to 05:00 on Monday, Tuesday – not on Sunday, 12-24..12-26 – Europe/Paris"
    assert word_calendar([{"from": "22:00", "to": "05:00"}], {}, "UTC") == "from 22:00 to 05:00 – UTC"
    assert word_calendar([], {}, "UTC") == "at any hour"


@pytest.mark.parametrize(
    ("failures", "percent", "told"),
    [
        (3, 20, "after 3 failures or when more than 20 % of a wave have failed"),
        (1, None, "after 1 failure"),
        (None, None, "only when a whole wave has failed"),
    ],
)
def test_the_stop_rule(failures: int | None, percent: int | None, told: str) -> None:
    assert word_stop_rule(failures, percent) == told


def test_parameters_are_worded_as_their_kind_does() -> None:
    with translation.override("fr"):
        assert ("Version", "next") in word_parameters("upgrade", {"release": "next"})
    assert word_parameters("nonsense", {"x": ["a", "b"]}) == [("X", "a, b")]


def test_events() -> None:
    assert word_event(CampaignEvent(what="pause", data={"reason": "Noël"})) == "paused – Noël"
    assert word_event(CampaignEvent(what="wave", data={"number": 2})) == "wave 2 began"
    assert word_event(CampaignEvent(what="unheard", data={})) == "unheard"
