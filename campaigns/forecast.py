"""When a campaign would end: the scheduler's own rules, played through with measured times. Pure but for measuring."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from campaigns.windows import Calendar
from domain.states import OperationState
from operations.models import Operation

LAST = 500
EVERYWHERE = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One member to come, in its order."""

    wave: int
    cluster: str


def measure_seconds(kind: str) -> dict[str, float]:
    """Return the median of how long the last operations of `kind` that ended well took, by cluster, and of all of them
    under EVERYWHERE; empty where there were none. One query."""
    rows = Operation.objects.filter(
        kind=kind, state=OperationState.SUCCEEDED.value, started_at__isnull=False, ended_at__isnull=False
    )
    lasted: dict[str, list[float]] = defaultdict(list)
    for engine, begins, ends in rows.order_by("-pk").values_list("instance__engine", "started_at", "ended_at")[:LAST]:
        if begins is None or ends is None:
            continue
        seconds = max(0.0, (ends - begins).total_seconds())
        lasted[EVERYWHERE].append(seconds)
        if engine:
            lasted[engine].append(seconds)
    return {cluster: median(values) for cluster, values in lasted.items()}


def find_seconds(measured: Mapping[str, float], cluster: str) -> float | None:
    """Return how long one operation takes on `cluster`, None where nothing was measured."""
    return measured.get(cluster, measured.get(EVERYWHERE))


def forecast_end(
    turns: Iterable[Turn],
    *,
    measured: Mapping[str, float],
    limit_per_cluster: int,
    calendar: Calendar,
    now: datetime,
    at_work: Iterable[str] = (),
) -> datetime | None:
    """Return when the last of `turns` would end, if none fails and nobody else is busy; None where nothing was
    measured, or no window opens any more. `at_work`: the cluster of each that runs now, taken to need its whole time
    again."""
    if not measured:
        return None
    begins = end = now
    # When each place of a cluster is free again.
    slots: dict[str, list[datetime]] = {}
    for cluster in at_work:
        until = now + timedelta(seconds=find_seconds(measured, cluster) or 0.0)
        end = max(end, until)
        heapq.heapreplace(slots.setdefault(cluster, [begins] * limit_per_cluster), until)
    wave: int | None = None
    for turn in turns:
        if wave is not None and turn.wave != wave:
            # The next wave begins when all of this one has ended.
            begins, slots = end, {}
        wave = turn.wave
        free = slots.setdefault(turn.cluster, [begins] * limit_per_cluster)
        begun = calendar.find_next_opening(free[0])
        if begun is None:
            return None
        ends = begun + timedelta(seconds=find_seconds(measured, turn.cluster) or 0.0)
        heapq.heapreplace(free, ends)
        end = max(end, ends)
    return end
