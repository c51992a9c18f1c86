"""When each part of the manager last showed that it works, kept in the database for probes, pages and checks.

The clock writes itself down when it rings for a sweep, a worker when it has heard one and when it takes any message.
Start with watch.py, which judges what is written here.
"""

import logging
import os
import socket
import threading
from datetime import datetime, timedelta

from django.db import DatabaseError, connection

from operations.models import Pulse

log = logging.getLogger("operations")

CLOCK, SWEEP = "clock", "sweep"
WORKER_PREFIX = "worker "
# A worker writes itself down at most this often, however many messages it takes.
WORKER_SECONDS = 10
# Workers that were not seen for so long have been replaced; they are forgotten.
FORGET_AFTER = timedelta(hours=1)

_written: dict[str, datetime] = {}
_lock = threading.Lock()


def record_pulse(name: str, *, now: datetime) -> None:
    """Write down that `name` works at `now`. A database that does not answer is only logged: whoever calls goes on."""
    try:
        if not Pulse.objects.filter(name=name).update(seen_at=now):
            Pulse.objects.get_or_create(name=name, defaults={"seen_at": now})
    except DatabaseError as error:
        log.warning("the pulse of the %s could not be written: %s", name, error)
        connection.close()


def record_worker_pulse(*, now: datetime) -> None:
    """Write down that this worker process works, unless it did so a moment ago; forget those long gone."""
    name = f"{WORKER_PREFIX}{socket.gethostname()[:60]} {os.getpid()}"
    with _lock:
        last = _written.get(name)
        # A clock that went back must not silence it.
        if last is not None and timedelta(0) <= now - last < timedelta(seconds=WORKER_SECONDS):
            return
        _written[name] = now
    record_pulse(name, now=now)


def forget_old_workers(*, now: datetime) -> None:
    """Remove the rows of workers that were not seen for an hour."""
    try:
        Pulse.objects.filter(name__startswith=WORKER_PREFIX, seen_at__lt=now - FORGET_AFTER).delete()
    except DatabaseError as error:
        log.warning("old pulses could not be removed: %s", error)
        connection.close()


def read_pulses() -> dict[str, datetime]:
    """Return when each part was last seen, by its name; parts that never showed are missing."""
    return dict(Pulse.objects.values_list("name", "seen_at"))
