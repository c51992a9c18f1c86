"""The clock rings by time that nobody can set, keeps nothing, and what is on disk cannot silence it."""

import shelve
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from civiparoisse.celery import app
from operations.clock import Clock
from operations.pulse import CLOCK, read_pulses
from tests.fleet import Fleet, wait_until

ENTRIES = set(app.conf.beat_schedule)


class StillClock(Clock):
    """Counts what it would ring for."""

    def __init__(self, **options: Any) -> None:
        self.time = 1000.0
        self.rung: Counter[str] = Counter()
        super().__init__(app, monotonic=lambda: self.time, **options)

    def apply_entry(self, entry: Any, producer: Any = None) -> None:  # noqa: ARG002 - Celery's signature
        """Count it."""
        self.rung[entry.name] += 1

    @property
    def producer(self) -> None:
        """None is needed."""

    def run(self, seconds: float) -> Counter[str]:
        """Let `seconds` pass as Celery does: sleep as long as a tick says."""
        self.rung.clear()
        end = self.time + seconds
        while self.time < end:
            self.time += max(self.tick(), 0.001)
        return Counter(self.rung)


@pytest.mark.django_db
def test_everything_is_due_at_a_start_one_after_the_other_and_then_at_its_period() -> None:
    clock = StillClock()
    clock.tick()
    assert clock.rung == {"sweep": 1}, "the sweep first, the others not in the same moment"
    first = clock.run(20)
    assert set(first) | {"sweep"} == ENTRIES
    hour = clock.run(3600)
    assert hour["drift"] == 1
    assert 59 <= hour["upkeep"] <= 60
    assert 715 <= hour["sweep"] <= 721


@pytest.mark.django_db
def test_a_machine_that_slept_rings_once_for_each() -> None:
    clock = StillClock()
    clock.run(20)
    clock.time += 86_400
    assert clock.run(1)["sweep"] == 1


@pytest.mark.django_db
def test_a_wall_clock_that_is_set_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that booted in the year 2036 and was put right, and one whose clock went back two hours."""
    clock = StillClock()
    right = datetime.now().astimezone()
    monkeypatch.setattr(app, "now", lambda: right + timedelta(days=3650))
    clock.run(10)
    monkeypatch.setattr(app, "now", lambda: right - timedelta(hours=2))
    assert 10 <= clock.run(60)["sweep"] <= 13


@pytest.mark.django_db
def test_the_clock_is_seen_with_each_sweep() -> None:
    before = timezone.now()
    StillClock().run(1)
    assert read_pulses()[CLOCK] >= before


@pytest.mark.parametrize("kept", ["empty", "corrupt", "future"])
def test_what_an_earlier_version_kept_on_disk_is_not_believed(kept: str) -> None:
    fleet = Fleet()
    try:
        place = fleet.home / "main" / "beat-schedule"
        if kept == "future":
            write_future(place)
        else:
            place.write_bytes(b"" if kept == "empty" else b"\0\1nothing that a database would hold")
        fleet.start_beat()
        folder = fleet.broker / "messages"
        wait_until(lambda: folder.is_dir() and len(list(folder.iterdir())) >= 3, seconds=180, what="the clock rings")
    finally:
        fleet.stop()


def write_future(place: Path) -> None:
    """Write what Celery's own scheduler keeps, last run in ten years."""
    code = (
        "import sys, datetime, shelve;"
        "from celery.beat import ScheduleEntry; from celery.schedules import schedule;"
        "from civiparoisse.celery import app;"
        "later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3650);"
        "entry = ScheduleEntry('sweep', 'operations.sweep', later, 1, schedule(5), app=app);"
        "store = shelve.open(sys.argv[1]); store['entries'] = {'sweep': entry}; store['tz'] = 'Europe/Paris';"
        "store['utc_enabled'] = True; store['__version__'] = '5.7.0'; store.close()"
    )
    subprocess.run([sys.executable, "-c", code, str(place)], check=True, timeout=180)
    with shelve.open(str(place)) as store:
        assert store["tz"] == "Europe/Paris"
