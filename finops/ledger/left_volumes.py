"""Which volumes without a claim were certainly an instance's of this manager: the ledger knows their lives.

A volume bears no mark: it is ours when an instance of ours held the volumes of its namespace when it was made.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from domain.fleet import ObservedFleet, ObservedVolume
from finops.calendar import compute_second
from finops.models import Interval, Resource

# Clocks of the manager and of a cluster.
CLOCK_SECONDS = 300


def select_own_volumes(fleets: Mapping[str, ObservedFleet]) -> frozenset[tuple[str, str]]:
    """Return (engine, name) of the volumes of clusters that no claim holds and that were made while the ledger had an
    instance of ours with volumes in their namespace. One query at most."""
    left = [
        (engine, volume.instance, volume)
        for engine, fleet in fleets.items()
        for volume in fleet.volumes
        # Where volumes have no policy they are removed with their instance.
        if not volume.is_bound and volume.reclaim_policy and volume.instance
    ]
    if not left:
        return frozenset()
    lives = _read_lives(instance for _engine, instance, _volume in left)
    return frozenset(
        (engine, volume.name) for engine, instance, volume in left if _was_held(volume, lives[engine, instance])
    )


def _was_held(volume: ObservedVolume, lives: Iterable[tuple[int, int | None]]) -> bool:
    if volume.created_at is None:
        return False
    made = compute_second(volume.created_at)
    return any(start - CLOCK_SECONDS <= made and (end is None or made <= end + CLOCK_SECONDS) for start, end in lives)


def _read_lives(names: Iterable[str]) -> defaultdict[tuple[str, str], list[tuple[int, int | None]]]:
    """Return by (engine, instance) from when to when each held volumes."""
    lives: defaultdict[tuple[str, str], list[tuple[int, int | None]]] = defaultdict(list)
    held = Interval.objects.filter(resource=Resource.STORAGE, instance__in=set(names))
    for engine, instance, start, end in held.values_list("engine", "instance", "start", "end"):
        lives[engine, instance].append((start, end))
    return lives
