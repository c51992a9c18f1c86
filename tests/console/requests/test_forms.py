"""Forms of what is done with a request: when it begins."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from console.requests.forms import LOCAL_FORMAT, ApproveForm, QuestionForm, find_tonight

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("hour", "expected"), [(0, None), (5, None), (6, 22), (12, 22), (21, 22), (22, None), (23, None)]
)
def test_tonight_begins_at_ten_and_at_once_while_it_is_night(hour: int, expected: int | None) -> None:
    now = datetime(2026, 11, 30, hour, 30, tzinfo=PARIS)
    begins = find_tonight(now)
    assert (begins and timezone.localtime(begins).hour) == expected
    assert begins is None or (begins > now and begins.date() == now.date())


def test_the_night_of_a_clock_change_begins_at_ten_too() -> None:
    for day in (datetime(2026, 10, 25, 1, tzinfo=PARIS), datetime(2026, 3, 29, 1, tzinfo=PARIS)):
        begins = find_tonight(day + timedelta(hours=9))
        assert begins is not None and timezone.localtime(begins).strftime("%H:%M") == "22:00"


def test_at_once_has_no_moment() -> None:
    form = ApproveForm({"when": "now", "at": "nonsense?", "seen": ""})
    assert not form.is_valid()  # what is typed and cannot be read is told, whatever is chosen
    form = ApproveForm({"when": "now", "at": "", "seen": "abc"})
    assert form.is_valid() and (form.cleaned_data["not_before"], form.cleaned_data["seen"]) == (None, "abc")


def test_a_moment_is_within_the_next_days() -> None:
    now = timezone.localtime()
    for at, is_valid in (
        (now + timedelta(days=2), True),
        (now - timedelta(hours=1), False),
        (now + timedelta(days=15), False),
        (None, False),
    ):
        form = ApproveForm({"when": "at", "at": at.strftime(LOCAL_FORMAT) if at else "", "seen": ""})
        assert form.is_valid() is is_valid, at
        if is_valid and at is not None:
            assert form.cleaned_data["not_before"] == at.replace(second=0, microsecond=0)


def test_a_text_is_needed() -> None:
    assert not QuestionForm({"text": "  "}).is_valid()
    assert not QuestionForm({"text": "a" * 2001}).is_valid()
    assert QuestionForm({"text": "Which day?"}).is_valid()
