"""What an engine holds under a name that is no instance's: looked at, and removed where nobody else can own it."""

import logging
from dataclasses import dataclass

from domain.errors import CiviparoisseError, NotFound
from domain.fleet import ObservedPod, ObservedVolume
from engine.registry import get_engine
from tenants.models import Instance

log = logging.getLogger("operations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """Something nobody's. `pods`: its servers and runs that hold something now; `backup_ids`: the complete sets on its
    backup volume; `volumes`: all of its storage."""

    engine: str
    name: str
    pods: tuple[ObservedPod, ...] = ()
    volumes: tuple[ObservedVolume, ...] = ()
    backup_ids: tuple[str, ...] = ()

    @property
    def capacity_bytes(self) -> int:
        """What its volumes are paid for, together."""
        return sum(volume.capacity_bytes for volume in self.volumes)


def look_at_stray(engine: str, name: str) -> Stray:
    """Return what `engine` holds under `name`. Raise NotFound when there is nothing or no such engine, and
    CiviparoisseError `stray_owned` when it is an instance's, `stray_shared` where it may be another manager's."""
    place = get_engine(engine)
    owner = Instance.objects.select_related("tenant").filter(identifier=name).first()
    if owner is not None:
        raise CiviparoisseError("stray_owned", name=name, tenant=owner.tenant.slug)
    if place.is_shared:
        raise CiviparoisseError("stray_shared", name=name, engine=engine)
    fleet = place.observe_fleet()
    seen = fleet.instances.get(name)
    volumes = tuple(volume for volume in fleet.volumes if volume.instance == name)
    pods = tuple(pod for pod in fleet.pods if pod.instance == name and pod.ended_at is None)
    if seen is None and not volumes and not pods:
        raise NotFound(what=engine, name=name)
    return Stray(
        engine=engine, name=name, pods=pods, volumes=volumes, backup_ids=seen.backup_ids if seen is not None else ()
    )


def remove_stray(engine: str, name: str, *, confirm: str, requested_by: str) -> Stray:
    """Stop what runs of it and remove all of it, its backups too; return what it was. It may be asked again after a
    failure. `confirm`: its name once more. Raise as `look_at_stray`, and CiviparoisseError `confirmation_mismatch` or
    `purge_incomplete`."""
    stray = look_at_stray(engine, name)
    if confirm != name:
        raise CiviparoisseError("confirmation_mismatch", name=name)
    log.warning("%s removes what %s holds as %s, which is no instance's", requested_by, engine, name)
    left = get_engine(engine).delete(name, keep_backups=False)
    if left.exists or left.remains or left.backup_ids:
        raise CiviparoisseError("purge_incomplete", instance=name, remains=", ".join(left.remains) or name)
    return stray
