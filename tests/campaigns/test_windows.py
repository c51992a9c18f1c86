"""When something may begin: nights, days without, summer and winter time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.windows import DAYS, Calendar, read_calendar
from domain.errors import InvalidValue

NIGHTS = ({"from": "22:00", "to": "05:00"},)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def make_calendar(*windows: dict[str, Any], zone: str = "Europe/Paris", **blackout: Any) -> Calendar:
    return read_calendar(windows=windows, blackout=blackout, time_zone=zone)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-30T22:00+01:00", True),
        ("2026-11-30T21:59+01:00", False),
        ("2026-12-01T04:59+01:00", True),
        ("2026-12-01T05:00+01:00", False),
        # The same moment as people of another zone write it.
        ("2026-11-30T21:00+00:00", True),
        ("2026-07-01T20:00+00:00", True),
        ("2026-07-01T19:59+00:00", False),
    ],
)
def test_a_night_goes_over_midnight_in_its_own_zone(moment: str, is_open: bool) -> None:
    assert make_calendar(*NIGHTS).is_open(at(moment)) is is_open


def test_without_windows_it_is_always_open() -> None:
    assert make_calendar().is_open(at("2026-11-30T12:00+01:00"))


def test_a_window_belongs_to_the_day_on_which_it_begins() -> None:
    mondays = make_calendar({"from": "22:00", "to": "05:00", "days": ["mon"]})
    assert mondays.is_open(at("2026-11-30T23:00+01:00")) and mondays.is_open(at("2026-12-01T04:00+01:00"))
    assert not mondays.is_open(at("2026-11-30T04:00+01:00")) and not mondays.is_open(at("2026-12-01T23:00+01:00"))


def test_a_window_of_equal_times_is_a_whole_day() -> None:
    monday = make_calendar({"from": "06:00", "to": "06:00", "days": ["mon"]})
    assert monday.is_open(at("2026-11-30T06:00+01:00")) and monday.is_open(at("2026-12-01T05:59+01:00"))
    assert not monday.is_open(at("2026-11-30T05:59+01:00")) and not monday.is_open(at("2026-12-01T06:00+01:00"))


def test_a_day_without_ends_the_night_at_its_midnight() -> None:
    calendar = make_calendar(*NIGHTS, weekdays=["sun"])
    assert calendar.is_open(at("2026-11-28T23:59+01:00"))
    assert not calendar.is_open(at("2026-11-29T00:00+01:00")) and not calendar.is_open(at("2026-11-29T23:00+01:00"))
    assert calendar.find_next_opening(at("2026-11-29T00:00+01:00")) == at("2026-11-30T00:00+01:00")


@pytest.mark.parametrize(
    ("dates", "day", "is_without"),
    [
        ("12-24..12-26", "2026-12-24", True),
        ("12-24..12-26", "2030-12-26", True),
        ("12-24..12-26", "2026-12-27", False),
        ("12-30..01-02", "2027-01-02", True),
        ("12-30..01-02", "2026-12-29", False),
        ("02-29", "2028-02-29", True),
        ("2026-12-31", "2026-12-31", True),
        ("2026-12-31", "2027-12-31", False),
        ("2026-12-24..2027-01-03", "2027-01-01", True),
        ("2026-12-24..2027-01-03", "2027-12-26", False),
    ],
)
def test_days_of_each_year_and_of_one(dates: str, day: str, is_without: bool) -> None:
    noon = at(f"{day}T12:00+01:00")
    assert make_calendar(dates=[dates]).is_open(noon) is not is_without


def test_the_next_opening_skips_days_without() -> None:
    calendar = make_calendar({"from": "01:00", "to": "04:00"}, dates=["12-24..12-26"], weekdays=["sun"])
    assert calendar.find_next_opening(at("2026-12-23T05:00+01:00")) == at("2026-12-28T01:00+01:00")


def test_when_clocks_are_put_on_a_window_in_the_lost_hour_opens_at_its_end_if_it_lasts() -> None:
    calendar = make_calendar({"from": "02:30", "to": "05:00"})
    assert calendar.find_next_opening(at("2027-03-27T12:00+01:00")) == at("2027-03-28T03:00+02:00")
    lost = make_calendar({"from": "02:15", "to": "02:45"})
    assert lost.find_next_opening(at("2027-03-27T12:00+01:00")) == at("2027-03-29T02:15+02:00")


def test_when_clocks_are_put_back_an_hour_comes_twice_and_is_open_twice() -> None:
    calendar = make_calendar({"from": "02:00", "to": "03:00"})
    moments = [at("2026-10-25T00:00+00:00") + number * MINUTE for number in range(180)]
    assert sum(calendar.is_open(moment) for moment in moments) == 120
    assert calendar.find_next_opening(at("2026-10-25T00:30+02:00")) == at("2026-10-25T02:00+02:00")


def test_what_never_opens_has_no_next_opening() -> None:
    never = make_calendar({"from": "01:00", "to": "02:00", "days": ["sun"]}, weekdays=["sun"])
    assert never.find_next_opening(at("2026-11-30T12:00+01:00")) is None


CLOCKS = st.builds(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}", st.integers(0, 24 * 60 - 1))
WINDOWS = st.lists(
    st.fixed_dictionaries(
        {"from": CLOCKS, "to": CLOCKS, "days": st.lists(st.sampled_from(DAYS), min_size=1, max_size=7)}
    ),
    max_size=3,
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@given(
    windows=WINDOWS,
    weekdays=st.lists(st.sampled_from(DAYS), max_size=3),
    zone=st.sampled_from(["Europe/Paris", "America/Martinique", "Indian/Reunion", "Australia/Lord_Howe"]),
    moment=st.one_of(
        MOMENTS,
        st.integers(-600, 600).map(lambda number: datetime(2027, 3, 28, 1, tzinfo=UTC) + number * MINUTE),
        st.integers(-600, 600).map(lambda number: datetime(2026, 10, 25, 1, tzinfo=UTC) + number * MINUTE),
    ),
)
def test_the_next_opening_is_the_first_open_minute(
    windows: list[dict[str, Any]], weekdays: list[str], zone: str, moment: datetime
) -> None:
    calendar = make_calendar(*windows, zone=zone, weekdays=weekdays)
    opening = calendar.find_next_opening(moment)
    if opening is None:
        assert not any(calendar.is_open(moment + number * 37 * MINUTE) for number in range(60 * 24 // 2))
        return
    assert calendar.is_open(opening) and opening >= moment
    whole = moment.replace(second=0, microsecond=0) + MINUTE
    for number in range(min(24 * 60 * 2, int((opening - whole) / MINUTE))):
        assert not calendar.is_open(whole + number * MINUTE), (whole + number * MINUTE, opening)


@pytest.mark.parametrize(
    ("windows", "blackout", "zone", "field"),
    [
        ([{"from": "24:00", "to": "05:00"}], {}, "Europe/Paris", "windows"),
        ([{"from": "2:00", "to": "05:00"}], {}, "Europe/Paris", "windows"),
        ([{"from": "22:00"}], {}, "Europe/Paris", "windows"),
        ([{"from": "22:00", "to": "05:00", "day": "mon"}], {}, "Europe/Paris", "windows"),
        ([{"from": "22:00", "to": "05:00", "days": ["monday"]}], {}, "Europe/Paris", "windows"),
        ([{"from": "22:00", "to": "05:00", "days": [1]}], {}, "Europe/Paris", "windows"),
        (["22:00-05:00"], {}, "Europe/Paris", "windows"),
        ({"from": "22:00"}, {}, "Europe/Paris", "windows"),
        ([{"from": "22:00", "to": "05:00"}] * 15, {}, "Europe/Paris", "windows"),
        ([], {"days": ["sun"]}, "Europe/Paris", "blackout"),
        ([], {"weekdays": list(DAYS)}, "Europe/Paris", "blackout"),
        ([], {"dates": ["24-12"]}, "Europe/Paris", "blackout"),
        ([], {"dates": ["02-30"]}, "Europe/Paris", "blackout"),
        ([], {"dates": ["12-24..2026-12-26"]}, "Europe/Paris", "blackout"),
        ([], {"dates": ["2026-12-26..2026-12-24"]}, "Europe/Paris", "blackout"),
        ([], {"dates": [date(2026, 12, 24)]}, "Europe/Paris", "blackout"),
        ([], {"dates": "12-24"}, "Europe/Paris", "blackout"),
        ([], [], "Europe/Paris", "blackout"),
        ([], {}, "Europe/Nowhere", "time_zone"),
        ([], {}, "../etc/passwd", "time_zone"),
        ([], {}, "", "time_zone"),
        ([], {}, None, "time_zone"),
        ([], {}, "Europe", "time_zone"),
    ],
)
def test_what_is_no_calendar_is_refused_by_its_field(windows: Any, blackout: Any, zone: Any, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_calendar(windows=windows, blackout=blackout, time_zone=zone)
    assert refused.value.params["field"] == field
