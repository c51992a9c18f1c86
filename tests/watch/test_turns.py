"""One worker at a time, and a dead one is followed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from watch.turns import HOLD, end_turn, release_turn, take_once_since, take_turn

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_turn_is_taken_once_and_comes_back() -> None:
    now = timezone.now()
    assert take_turn("a", every=HOUR, now=now) and not take_turn("a", every=HOUR, now=now)
    assert take_turn("b", every=HOUR, now=now)
    release_turn("a")
    assert take_turn("a", every=HOUR, now=now)
    end_turn("a", now=now)
    assert not take_turn("a", every=HOUR, now=now + HOUR / 2)
    assert take_turn("a", every=HOUR, now=now + HOUR)


def test_who_died_with_it_is_followed() -> None:
    now = timezone.now()
    assert take_turn("a", every=HOUR, now=now)
    assert not take_turn("a", every=HOUR, now=now + HOLD - timedelta(seconds=1))
    assert take_turn("a", every=HOUR, now=now + HOLD)


def test_a_clock_that_goes_back_holds_nothing() -> None:
    now = timezone.now()
    assert take_turn("a", every=HOUR, now=now)
    end_turn("a", now=now)
    assert take_turn("a", every=HOUR, now=now - timedelta(days=2))
    assert take_turn("a", every=HOUR, now=now - timedelta(days=3))


def test_what_is_done_once_a_day_is_done_once() -> None:
    now = timezone.now()
    assert take_once_since("a", now - HOUR, now=now) and not take_once_since("a", now - HOUR, now=now + HOUR / 2)
    assert take_once_since("b", now - HOUR, now=now)
    assert take_once_since("a", now + HOUR, now=now + 2 * HOUR)
    # A time in the future says nothing: the clock went back.
    assert take_once_since("a", now - 2 * HOUR, now=now - HOUR)
