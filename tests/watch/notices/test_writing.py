"""Who is told what: a beginning, a reminder, an end, each once, and only what one asked for."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.watch.rows import make_problem_row, make_recipient_row
from watch.models import Message, Problem, Recipient
from watch.notices.writing import PATIENCE, find_end_of_quiet, write_news

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PARIS = ZoneInfo("Europe/Paris")


def end(problem: Problem, *, now: datetime) -> None:
    Problem.objects.filter(pk=problem.pk).update(open_key=None, ended_at=now)


def read_last() -> dict[str, Any]:
    document: dict[str, Any] = Message.objects.latest("pk").document
    return {part: [one["subject"] for one in rows] for part, rows in document.items()}


def test_one_message_at_the_beginning_one_reminder_a_day_one_at_the_end() -> None:
    now = timezone.now()
    make_recipient_row()
    problem = make_problem_row(since=now)
    assert write_news(now=now + PATIENCE - timedelta(seconds=1)) == 0
    assert write_news(now=now + PATIENCE) == 1 and write_news(now=now + PATIENCE + MINUTE) == 0
    assert read_last() == {"begun": ["saint-paul"], "standing": [], "ended": []}
    begun = now + PATIENCE
    assert write_news(now=begun + 24 * HOUR - MINUTE) == 0
    assert write_news(now=begun + 24 * HOUR) == 1 and write_news(now=begun + 25 * HOUR) == 0
    assert read_last()["standing"] == ["saint-paul"]
    end(problem, now=begun + 26 * HOUR)
    assert write_news(now=begun + 26 * HOUR) == 1 and write_news(now=begun + 60 * HOUR) == 0
    assert read_last() == {"begun": [], "standing": [], "ended": ["saint-paul"]}


def test_what_ended_before_it_was_told_is_never_told() -> None:
    now = timezone.now()
    make_recipient_row()
    end(make_problem_row(since=now), now=now + MINUTE)
    assert write_news(now=now + HOUR) == 0 and Problem.objects.get().closed_at is not None


def test_what_is_acknowledged_or_only_a_warning_is_not_told_again(settings: Any) -> None:
    now = timezone.now()
    make_recipient_row()
    make_problem_row(since=now, acknowledged_until=now + 48 * HOUR)
    make_problem_row("backup_old", "saint-pierre", since=now, level="warning")
    assert write_news(now=now + HOUR) == 1
    assert write_news(now=now + 26 * HOUR) == 0
    assert write_news(now=now + 49 * HOUR) == 1 and read_last()["standing"] == ["saint-paul"]
    settings.REMINDER_HOURS = 0
    assert write_news(now=now + 99 * HOUR) == 0


def test_a_hundred_at_once_are_one_message() -> None:
    now = timezone.now()
    make_recipient_row()
    for number in range(100):
        make_problem_row(subject=f"parish-{number:03}", since=now)
    assert write_news(now=now + HOUR) == 1
    message = Message.objects.get()
    assert len(message.document["begun"]) == 100 and message.body.count("\n- ") <= 42 and "100" in message.subject


@pytest.mark.parametrize(
    ("asked", "subjects"),
    [
        ({}, ["a", "b", ""]),
        ({"least_level": "critical"}, ["a", ""]),
        ({"checks": ["backup_old"]}, ["b"]),
        ({"tenants": ["a"]}, ["a"]),
        ({"tenants": ["b"], "least_level": "critical"}, []),
        ({"is_active": False}, []),
    ],
)
def test_each_is_told_what_was_asked_for(asked: dict[str, Any], subjects: list[str]) -> None:
    now = timezone.now()
    make_recipient_row(**asked)
    make_problem_row("failed", "a", tenant="a", since=now)
    make_problem_row("backup_old", "b", tenant="b", level="warning", since=now)
    make_problem_row("engines_unwatched", "", since=now)
    assert write_news(now=now + HOUR) == (1 if subjects else 0)
    if subjects:
        assert sorted(read_last()["begun"]) == sorted(subjects)


def test_a_later_recipient_is_not_told_of_the_past() -> None:
    now = timezone.now()
    make_problem_row(since=now)
    write_news(now=now + HOUR)
    make_recipient_row()
    assert write_news(now=now + 2 * HOUR) == 0


@pytest.mark.parametrize(
    ("quiet", "at", "until"),
    [
        ((time(22), time(7)), "2026-11-30 23:30", "2026-12-01 07:00"),
        ((time(22), time(7)), "2026-12-01 03:00", "2026-12-01 07:00"),
        ((time(22), time(7)), "2026-12-01 07:00", "2026-12-01 07:00"),
        ((time(22), time(7)), "2026-12-01 21:59", "2026-12-01 21:59"),
        ((time(12), time(14)), "2026-12-01 13:00", "2026-12-01 14:00"),
        ((time(12), time(14)), "2026-12-01 14:00", "2026-12-01 14:00"),
        # The night in which the clock goes back: seven in the morning is an hour later.
        ((time(22), time(7)), "2026-10-24 23:00", "2026-10-25 07:00"),
        ((None, time(7)), "2026-12-01 03:00", "2026-12-01 03:00"),
        ((time(7), time(7)), "2026-12-01 07:00", "2026-12-01 07:00"),
    ],
)
def test_quiet_hours_are_local(quiet: tuple[time | None, time], at: str, until: str) -> None:
    recipient = Recipient(quiet_from=quiet[0], quiet_until=quiet[1])
    told = find_end_of_quiet(recipient, now=datetime.fromisoformat(at).replace(tzinfo=PARIS))
    assert told.astimezone(PARIS) == datetime.fromisoformat(until).replace(tzinfo=PARIS)


def test_only_what_is_not_critical_waits_for_the_morning() -> None:
    night = datetime(2026, 11, 30, 23, 30, tzinfo=PARIS)
    make_recipient_row(quiet_from=time(22), quiet_until=time(7))
    make_problem_row("backup_old", "b", level="warning", since=night - HOUR)
    write_news(now=night)
    assert Message.objects.latest("pk").due_at == datetime(2026, 12, 1, 7, tzinfo=PARIS)
    make_problem_row("failed", "a", since=night - HOUR)
    write_news(now=night)
    assert Message.objects.latest("pk").due_at == night
