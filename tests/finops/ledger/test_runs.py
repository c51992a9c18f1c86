"""Runs in the ledger: each job once, each day's schedules in one tally."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.reservations import Reservation
from domain.specs import InstanceKind, JobPhase, JobStatus
from finops.calendar import compute_second
from finops.ledger.runs import Addition, add_to_tallies, compute_bounds, count_runs, record_run
from finops.models import Interval, IntervalSource
from operations.hooks import EndedRun
from tenants.models import PlanContainer
from tests.finops.cases import MEBIBYTE
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
CRON = Reservation(350, 356 * MEBIBYTE)


def make_status(
    seconds: float | None = 90.0, *, name: str = "init-op-1-1-1", phase: JobPhase = JobPhase.SUCCEEDED
) -> JobStatus:
    ended_at = None if seconds is None else NOON + timedelta(seconds=seconds)
    return JobStatus(name=name, phase=phase, started_at=NOON, ended_at=ended_at)


def test_a_job_holds_its_pod_from_beginning_to_end_once() -> None:
    instance = make_instance_row()
    for _ in range(2):
        record_run(instance, program="init", status=make_status(), now=NOON + timedelta(hours=1))
    row = Interval.objects.get()
    assert (row.start, row.end) == (compute_second(NOON), compute_second(NOON) + 90)
    assert (row.cpu_millicores, row.memory_bytes) == (1000, 768 * MEBIBYTE)
    assert (row.resource, row.component, row.run, row.source) == ("run", "init", "init-op-1-1-1", "live")
    assert (row.runs, row.failed_runs, row.held_seconds) == (1, 0, None)


def test_what_a_proof_runs_is_no_parishs_cost() -> None:
    place = make_instance_row()
    place.kind = InstanceKind.VERIFICATION.value
    record_run(place, program="restore", status=make_status(), now=NOON)
    assert not Interval.objects.exists()


def test_failed_runs_cost_too_and_say_so() -> None:
    instance = make_instance_row()
    record_run(instance, program="init", status=make_status(phase=JobPhase.FAILED), now=NOON)
    lost = make_status(None, name="init-op-1-1-2", phase=JobPhase.LOST)
    record_run(instance, program="init", status=lost, now=NOON + timedelta(seconds=7))
    first, second = Interval.objects.order_by("pk")
    assert (first.failed_runs, second.failed_runs) == (1, 1)
    assert second.end == compute_second(NOON) + 7


def test_a_run_whose_beginning_nobody_knows_is_not_guessed() -> None:
    status = JobStatus(name="x", phase=JobPhase.LOST)
    record_run(make_instance_row(), program="init", status=status, now=NOON)
    count_runs([EndedRun(instance=make_instance_row("saint-jean"), program="cron", status=status)], now=NOON)
    assert not Interval.objects.exists()


def test_seconds_are_rounded_outwards() -> None:
    first = compute_second(NOON)
    assert compute_bounds(NOON, NOON) == (first, first + 1)
    half = timedelta(milliseconds=500)
    assert compute_bounds(NOON + half, NOON + half + timedelta(seconds=1)) == (first, first + 2)


def test_crons_of_a_day_of_paris_are_one_tally() -> None:
    instance = make_instance_row()
    for status in (make_status(40, name="cron-0"), make_status(40, name="cron-1")):
        count_runs([EndedRun(instance=instance, program="cron", status=status)], now=NOON)
    two = (make_status(40, name="cron-2"), make_status(5, phase=JobPhase.FAILED))
    count_runs([EndedRun(instance=instance, program="cron", status=status) for status in two], now=NOON)
    row = Interval.objects.get()
    assert (row.held_seconds, row.runs, row.failed_runs) == (125, 4, 1)
    assert (row.cpu_millicores, row.memory_bytes) == CRON
    assert row.started_at == datetime(2026, 3, 27, 23, 0, tzinfo=UTC)
    assert row.ended_at == row.started_at + timedelta(hours=24)
    next_day = NOON + timedelta(days=1)
    add_to_tallies([Addition(instance, "cron", CRON, start=compute_second(next_day), end=compute_second(next_day) + 1)])
    assert Interval.objects.latest("start").ended_at == datetime(2026, 3, 29, 22, 0, tzinfo=UTC), "a day of 23 hours"


def test_two_sizes_on_one_day_are_two_tallies() -> None:
    instance = make_instance_row()
    start = compute_second(NOON)
    for held in (CRON, Reservation(700, 1), CRON):
        add_to_tallies([Addition(instance, "cron", held, start=start, end=start + 10)])
    assert sorted(Interval.objects.values_list("cpu_millicores", "held_seconds")) == [(350, 20), (700, 10)]


def test_what_is_seen_replaces_what_was_guessed() -> None:
    instance = make_instance_row()
    start = compute_second(NOON)
    guess = IntervalSource.ESTIMATE
    add_to_tallies(
        [Addition(instance, "cron", CRON, start=start, end=start + 86_400, source=guess, runs=144, held_seconds=5760)]
    )
    assert Interval.objects.get().held_seconds == 5760
    add_to_tallies([Addition(instance, "cron", CRON, start=start, end=start + 30)])
    row = Interval.objects.get()
    assert (row.held_seconds, row.runs, row.source, row.counted_until) == (30, 1, "live", start + 30)


def test_a_plan_that_nothing_can_be_made_of_stops_no_run() -> None:
    instance = make_instance_row()
    PlanContainer.objects.filter(container="httpd").delete()
    record_run(instance, program="init", status=make_status(), now=NOON)
    assert not Interval.objects.exists()
