"""Sizes, times and progress as people read them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from civiparoisse.presentation import (
    format_age,
    format_count,
    format_duration,
    format_size,
    format_time,
    make_progress,
    measure_seconds,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=ZoneInfo("Europe/Paris"))
NO_BREAK, NARROW = "\u00a0", "\u202f"


def _plain(text: str) -> str:
    return text.replace(NO_BREAK, " ").replace(NARROW, " ")


def test_nothing_is_a_dash() -> None:
    nothings = [format_size(None), format_count(None), format_time(None), format_duration(None)]
    assert [*nothings, format_age(None, now=NOW)] == ["–"] * 5


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 octet"), (1536, "1,5 Kio"), (13_107_200, "12,5 Mio"), (3 * 1024**3, "3,0 Gio")]
)
def test_sizes(count: int, text: str) -> None:
    with translation.override("fr"):
        assert _plain(format_size(count)) == text


def test_counts_and_times() -> None:
    with translation.override("fr"):
        assert _plain(format_count(1234567)) == "1 234 567"
        assert _plain(format_time(NOW)) == "01/03/2026 12:00"


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=59), "à l’instant"),
        (timedelta(minutes=1), "il y a 1 minute"),
        (timedelta(hours=3, minutes=59), "il y a 3 heures"),
        (timedelta(days=2, hours=5), "il y a 2 jours"),
    ],
)
def test_ages(age: timedelta, text: str) -> None:
    with translation.override("fr"):
        assert _plain(format_age(NOW - age, now=NOW)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s"), (5400, "1 h 30 min")],
)
def test_durations(seconds: float, text: str) -> None:
    with translation.override("fr"):
        assert _plain(format_duration(seconds)) == text


def test_what_runs_is_measured_until_now() -> None:
    began = NOW - timedelta(seconds=90)
    assert measure_seconds(began, None, now=NOW) == 90
    assert measure_seconds(began, began + timedelta(seconds=5), now=NOW) == 5
    assert measure_seconds(None, None, now=NOW) is None


def test_a_progress_bar_escapes_its_text() -> None:
    bar = make_progress(42, "<b>")
    assert 'value="42"' in bar and "&lt;b&gt;" in bar and "<b>" not in bar
