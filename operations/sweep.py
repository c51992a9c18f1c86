"""Finds the operations that nobody works on although they are due: message lost, worker killed, manager restarted."""

from datetime import datetime

from django.conf import settings

from operations.claims import select_due
from operations.doorbell import ring


def sweep(*, now: datetime) -> list[str]:
    """Ring for every operation that may be claimed at `now`; return their identifiers, oldest first.

    Ringing twice is harmless: one claim wins. The messages expire, so that they do not pile up behind busy workers.
    """
    due = list(select_due(now).order_by("pk").values_list("public_id", flat=True))
    for public_id in due:
        ring(public_id, expires_seconds=settings.SWEEP_SECONDS * 2)
    return due
