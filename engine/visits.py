"""Look at the visits of an instance. The manager reads the page under its own name, then looks for that very request in
the log: so "no visit" is told from "this web server writes no log", or writes it in a way we cannot read.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from domain.errors import EngineUnavailable
from domain.specs import ObservedVisits, ProbeResult
from engine.access_log import CLOCKS_APART, Reading

# A server writes its line once it has answered, and the line comes through a container's pipe: 3 s in all.
PAUSES_SECONDS = (0.1, 0.3, 0.6, 1.0, 1.0)


def look_at_visits(
    probe: Callable[[], ProbeResult], read: Callable[[datetime], Reading], *, instance: str, since: datetime
) -> ObservedVisits:
    """Return when somebody last asked for a page since `since`, to the second. `read`: what the log says from a moment
    on. Raise EngineUnavailable when the page does not answer and the log does not tell of it."""
    since, began = since.replace(microsecond=0), datetime.now(UTC)
    recent = began - CLOCKS_APART
    probed = probe()
    reading = read(since)
    for seconds in PAUSES_SECONDS:
        if _holds_probe(reading, recent):
            break
        time.sleep(seconds)
        reading = reading.merge(read(recent))
    if not _holds_probe(reading, recent):
        if not probed.ok:
            raise EngineUnavailable(instance=instance, detail=probed.detail)
        return ObservedVisits(is_counted=False)
    visited_at = reading.visited_at
    if visited_at is None or visited_at < since:
        # In what was not read there may be one.
        return ObservedVisits(is_counted=not reading.is_cut)
    return ObservedVisits(is_counted=True, visited_at=visited_at)


def _holds_probe(reading: Reading, recent: datetime) -> bool:
    return reading.probed_at is not None and reading.probed_at >= recent
