"""What an engine holds that is no instance's: looked at, and removed where nobody else can own it.

What stands under an instance's name is this manager's by the mark that it leaves there. A volume bears no mark: it is
ours when the ledger knows an instance of ours that held the volumes of its namespace when it was made.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.errors import CiviparoisseError, NotFound
from domain.fleet import ObservedFleet, ObservedPod, ObservedVolume, RemovableKind
from engine.registry import get_engine
from finops.calendar import compute_second
from finops.models import Interval, Resource
from tenants.models import Instance

log = logging.getLogger("finops")
# Clocks of the manager and of a cluster.
CLOCK_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """Something nobody's. `pods`: its servers and runs that hold something now; `backup_ids`: the complete sets on its
    backup volume; `volumes`: all of its storage."""

    engine: str
    thing: RemovableKind
    name: str
    pods: tuple[ObservedPod, ...] = ()
    volumes: tuple[ObservedVolume, ...] = ()
    backup_ids: tuple[str, ...] = ()

    @property
    def capacity_bytes(self) -> int:
        """What its volumes are paid for, together."""
        return sum(volume.capacity_bytes for volume in self.volumes)


def look_at_stray(engine: str, thing: RemovableKind, name: str) -> Stray:
    """Return what `engine` has of it. Raise NotFound when there is nothing or no such engine, and CiviparoisseError
    `stray_owned` or `volume_held` when it is an instance's, `stray_foreign` or `volume_foreign` where it may be another
    manager's."""
    fleet = get_engine(engine).observe_fleet()
    return (
        _look_at_volume(engine, name, fleet)
        if thing is RemovableKind.VOLUME
        else _look_at_instance(engine, name, fleet)
    )


def remove_stray(engine: str, thing: RemovableKind, name: str, *, confirm: str, requested_by: str) -> Stray:
    """Ask for the removal of all of it, backups too; return what it was. A cluster takes its time (`continue_removal`).
    `confirm`: its name once more. Raise as `look_at_stray`, and CiviparoisseError `confirmation_mismatch`."""
    stray = look_at_stray(engine, thing, name)
    if confirm != name:
        raise CiviparoisseError("confirmation_mismatch", name=name)
    log.warning("%s removes the %s %s of %s, which is no instance's", requested_by, thing, name, engine)
    if thing is RemovableKind.VOLUME:
        get_engine(engine).remove_volume(name)
    else:
        get_engine(engine).delete(name, keep_backups=False)
    return stray


def continue_removal(stray: Stray) -> tuple[str, ...]:
    """Ask for what can only be asked once the rest is gone: volumes that their policy keeps. Return what is still there
    of something whose removal was asked for; empty proves it gone."""
    place = get_engine(stray.engine)
    if stray.thing is RemovableKind.INSTANCE:
        seen = place.observe(stray.name)
        if remains := (*seen.remains, *seen.backup_ids) or ((stray.name,) if seen.exists else ()):
            return remains
    names = {volume.name for volume in stray.volumes if volume.reclaim_policy}
    there = [volume for volume in place.observe_fleet().volumes if volume.name in names] if names else []
    for volume in there:
        if not volume.is_bound:
            place.remove_volume(volume.name)
    return tuple(volume.name for volume in there)


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


def _look_at_instance(engine: str, name: str, fleet: ObservedFleet) -> Stray:
    owner = Instance.objects.select_related("tenant").filter(engine=engine, identifier=name).first()
    if owner is not None:
        raise CiviparoisseError("stray_owned", name=name, tenant=owner.tenant.slug)
    seen = fleet.instances.get(name)
    if seen is None:
        raise NotFound(what=engine, name=name)
    if not fleet.is_own(name):
        raise CiviparoisseError("stray_foreign", name=name, engine=engine)
    return Stray(
        engine=engine,
        thing=RemovableKind.INSTANCE,
        name=name,
        pods=tuple(pod for pod in fleet.pods if pod.instance == name and pod.ended_at is None),
        volumes=tuple(volume for volume in fleet.volumes if volume.instance == name),
        backup_ids=seen.backup_ids,
    )


def _look_at_volume(engine: str, name: str, fleet: ObservedFleet) -> Stray:
    volume = next((volume for volume in fleet.volumes if volume.name == name), None)
    if volume is None:
        raise NotFound(what=engine, name=name)
    if volume.is_bound:
        raise CiviparoisseError("volume_held", name=name, instance=volume.instance or "?", phase="Bound")
    if (engine, name) not in select_own_volumes({engine: fleet}):
        raise CiviparoisseError("volume_foreign", name=name, engine=engine)
    return Stray(engine=engine, thing=RemovableKind.VOLUME, name=name, volumes=(volume,))
