"""The clock process: rings for what is due, by a clock that no one can set, and keeps nothing on disk.

Celery's own scheduler believes a file: one that was written while the machine had a wrong time silences it for as long.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from django.utils import timezone

from operations.pulse import CLOCK, record_pulse

SWEEP_TASK = "operations.sweep"
# At a start everything is due, so that what runs once an hour also runs on a machine that restarts more often; one
# after the other, so that the workers are not flooded.
START_SPACING_SECONDS = 0.5


class Clock(Scheduler):
    """Rings for each entry at its period, counted by the machine's monotonic clock."""

    def __init__(self, *args: Any, monotonic: Callable[[], float] = time.monotonic, **options: Any) -> None:
        """`monotonic`: seconds that only grow."""
        self._monotonic = monotonic
        self._due: dict[str, float] = {}
        super().__init__(*args, **options)

    def setup_schedule(self) -> None:
        """Take the periods from the settings; called once by Celery."""
        self.merge_inplace(self.app.conf.beat_schedule)
        begins = self._monotonic()
        entries: list[ScheduleEntry] = sorted(self.schedule.values(), key=_get_period)
        self._due = {str(entry.name): begins + place * START_SPACING_SECONDS for place, entry in enumerate(entries)}

    def tick(self, *_arguments: Any, **_options: Any) -> float:
        """Ring for what is due; return the seconds until something is due next. Called by Celery, for ever."""
        now = self._monotonic()
        for name, due in self._due.items():
            if due > now:
                continue
            entry = self.schedule[name]
            self.apply_entry(entry, producer=self.producer)
            # Counted from now: after a long sleep one ring, not all that were missed.
            self._due[name] = now + _get_period(entry)
            if entry.task == SWEEP_TASK:
                record_pulse(CLOCK, now=timezone.now())
        return max(0.0, min(self._due.values()) - self._monotonic())


def _get_period(entry: ScheduleEntry) -> float:
    every = getattr(entry.schedule, "run_every", None)
    assert isinstance(every, timedelta), f"{entry.name} has no period"
    return every.total_seconds()
