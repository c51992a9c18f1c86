"""Intervals begin, go on and end; the database refuses to hold one thing twice."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from finops.calendar import compute_second
from finops.ledger.recorder import Amounts, Opening, Recorder, end_interval, get_amounts, make_open_key
from finops.models import Interval, IntervalSource, Resource
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
DB, LARGER = Amounts(250, 384), Amounts(500, 768)
NOW = timezone.now()


def list_intervals() -> list[tuple[str, int, int | None, Amounts]]:
    rows = Interval.objects.order_by("component", "start")
    return [(row.component, row.start, row.end, get_amounts(row)) for row in rows]


def test_the_database_refuses_to_hold_one_thing_twice() -> None:
    recorder = Recorder(make_instance_row(), now=NOW, why="test")
    recorder.open(Resource.COMPUTE, [Opening("db", DB, 1000)])
    with pytest.raises(IntegrityError), transaction.atomic():
        recorder.open(Resource.COMPUTE, [Opening("db", DB, 2000)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Interval.objects.update(end=1000, open_key=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Interval.objects.update(end=2000)
    assert Interval.objects.get().open_key == make_open_key("saint-paul", Resource.COMPUTE, "db")


def test_an_interval_never_begins_before_the_last_one_of_the_same_thing_ended() -> None:
    recorder = Recorder(make_instance_row(), now=NOW, why="test")
    recorder.open(Resource.COMPUTE, [Opening("db", DB, 1000)])
    recorder.close(Resource.COMPUTE, "db", end=3000)
    recorder.open(Resource.COMPUTE, [Opening("db", DB, 2000)])
    assert list_intervals() == [("db", 1000, 3000, DB), ("db", 3000, None, DB)]


def test_what_is_held_goes_on_and_other_sizes_begin_where_the_old_end() -> None:
    instance = make_instance_row()
    now = compute_second(NOW)
    Recorder(instance, now=NOW, why="first").hold(Resource.COMPUTE, {"db": DB, "httpd": DB})
    later = NOW + timedelta(seconds=60)
    Recorder(instance, now=later, why="edited", changes_sizes=False).hold(Resource.COMPUTE, {"db": LARGER, "httpd": DB})
    assert {row[1:3] for row in list_intervals()} == {(now, None)}
    Recorder(instance, now=later, why="resize", source=IntervalSource.LIVE).hold(Resource.COMPUTE, {"db": LARGER})
    assert list_intervals() == [
        ("db", now, now + 60, DB),
        ("db", now + 60, None, LARGER),
        ("httpd", now, now + 60, DB),
    ]
    assert Interval.objects.get(end__isnull=True).source == IntervalSource.LIVE


def test_since_and_let_go_at_are_never_in_the_future() -> None:
    instance = make_instance_row()
    now = compute_second(NOW)
    recorder = Recorder(instance, now=NOW, why="test")
    recorder.hold(Resource.COMPUTE, {"db": DB}, since={"db": NOW - timedelta(hours=1)})
    recorder.hold(Resource.COMPUTE, {"httpd": DB}, since={"httpd": NOW + timedelta(hours=1)}, let_go=False)
    assert [row[1] for row in list_intervals()] == [now - 3600, now]
    recorder.hold(Resource.COMPUTE, {}, let_go_at=NOW + timedelta(hours=1))
    assert list_intervals() == [("db", now - 3600, now, DB)]


def test_what_lasted_less_than_a_second_never_was() -> None:
    Recorder(make_instance_row(), now=NOW, why="test").open(Resource.COMPUTE, [Opening("db", DB, 1000)])
    end_interval(Interval.objects.get(), 1000)
    assert list_intervals() == []
