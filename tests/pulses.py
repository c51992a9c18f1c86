"""A manager whose clock and workers were just seen, for tests of what asks after them."""

from datetime import datetime

from django.utils import timezone

from operations.pulse import CLOCK, SWEEP, record_pulse


def show_life(*, now: datetime | None = None) -> None:
    """Let the clock and a worker have been seen at `now`; this moment without one."""
    for name in (CLOCK, SWEEP):
        record_pulse(name, now=now or timezone.now())
