"""Keeps a lease alive while a step works, from a thread with its own database connection."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection

from operations.claims import Clock, Lease, LeaseLost, renew

log = logging.getLogger("operations")


@contextmanager
def keep_alive(lease: Lease, *, clock: Clock) -> Iterator[None]:
    """Renew `lease` at every third of its length until the block ends. A lost lease is only logged here: the run
    itself finds out at its next write."""
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(lease, clock, stop), name=f"lease-{lease.public_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat(lease: Lease, clock: Clock, stop: threading.Event) -> None:
    try:
        while not stop.wait(settings.LEASE_SECONDS / 3):
            try:
                renew(lease, now=clock())
            except LeaseLost:
                log.warning("%s: the lease went to another run", lease.public_id)
                return
            except DatabaseError as error:
                log.warning("%s: the lease could not be renewed: %s", lease.public_id, error)
                connection.close()
    finally:
        connection.close()
