"""A sign of life to a watch elsewhere, which tells when it stays away: nobody inside can tell that all is dead."""

import logging
from datetime import datetime

import requests
from django.conf import settings

from operations.watch import list_manager_faults

log = logging.getLogger("watch")

SECONDS = 10


def send_heartbeat(*, now: datetime) -> bool:
    """Call the address of the settings; return whether it was reached. Not called while the manager does not work (the
    watch then tells what is wrong by the silence), nor when no address is set."""
    if not settings.HEARTBEAT_URL or any(
        fault.stops_work and fault.is_critical for fault in list_manager_faults(now=now)
    ):
        return False
    try:
        with requests.get(settings.HEARTBEAT_URL, timeout=SECONDS, allow_redirects=False, stream=True) as answer:
            reached = answer.ok
    except requests.RequestException as error:
        # The address is a secret of its own: only what happened is logged.
        log.warning("the heartbeat did not arrive: %s", type(error).__name__)
        return False
    return bool(reached)
