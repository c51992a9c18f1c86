"""Once a day at half past seven, and on Mondays even with nothing to tell."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row
from tests.watch.rows import make_problem_row, make_recipient_row
from watch.models import Message
from watch.notices.digest import describe_day, write_digests

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]
PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2026, 12, 1, 7, 30, tzinfo=PARIS)


def test_it_comes_once_a_day_from_half_past_seven_on() -> None:
    make_recipient_row(has_digest=True)
    make_recipient_row("marc", has_digest=False)
    make_problem_row(since=TUESDAY)
    assert write_digests(now=TUESDAY - timedelta(minutes=1)) == 0
    assert write_digests(now=TUESDAY) == 1 and write_digests(now=TUESDAY + timedelta(minutes=1)) == 0
    assert write_digests(now=TUESDAY + timedelta(days=1)) == 1
    # A manager that comes back in the afternoon does not tell the morning.
    assert write_digests(now=TUESDAY + timedelta(days=2, hours=6)) == 0
    assert [one["subject"] for one in Message.objects.first().document["standing"]] == ["saint-paul"]  # type: ignore[union-attr]


def test_in_summer_and_winter_it_is_half_past_seven() -> None:
    make_recipient_row(has_digest=True)
    make_problem_row(since=TUESDAY)
    before, after = datetime(2026, 10, 24, 7, 30, tzinfo=PARIS), datetime(2026, 10, 25, 7, 30, tzinfo=PARIS)
    assert write_digests(now=before) == 1
    assert write_digests(now=after - timedelta(minutes=1)) == 0 and write_digests(now=after) == 1


def test_nothing_to_do_is_told_on_mondays() -> None:
    make_recipient_row(has_digest=True)
    assert write_digests(now=TUESDAY) == 0
    assert write_digests(now=TUESDAY + timedelta(days=6)) == 1
    assert Message.objects.get().document == {"standing": []}


def test_one_hears_only_of_what_one_asked_for() -> None:
    make_recipient_row(has_digest=True, tenants=["other"])
    make_problem_row(tenant="saint-paul", since=TUESDAY)
    assert write_digests(now=TUESDAY) == 0


def test_the_night_is_counted() -> None:
    row = make_instance_row("saint-paul")
    backup = make_backup_row(row, hours_ago=3)
    assert "1" in describe_day(now=backup.started_at + timedelta(hours=3)).splitlines()[1]
    assert "0" in describe_day(now=backup.started_at + timedelta(hours=30)).splitlines()[1]
