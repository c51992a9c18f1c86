"""Namespaces and volumes without an Instance row: looked at, and said whether this manager may remove them.

What stands under an instance's name is this manager's by the mark that it leaves there. A volume bears no mark: it is
ours when the ledger knows an instance of ours that held the volumes of its namespace when it was made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError, NotFound
from domain.fleet import ObservedFleet, ObservedPod, ObservedVolume, RemovableKind
from engine.registry import get_engine
from finops.ledger.left_volumes import select_own_volumes
from operations.engine_objects import EngineObject
from tenants.models import Instance

MOST_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What an engine holds of it. `pods`: its servers and runs that hold something now; `backup_ids`: the complete sets
    on its backup volume; `volumes`: all of its storage."""

    pods: tuple[ObservedPod, ...] = ()
    volumes: tuple[ObservedVolume, ...] = ()
    backup_ids: tuple[str, ...] = ()

    @property
    def capacity_bytes(self) -> int:
        """What its volumes are paid for, together."""
        return sum(volume.capacity_bytes for volume in self.volumes)


def look_at(thing: EngineObject) -> Holding:
    """Return what its engine has of it. Raise NotFound when there is nothing or no such engine, and CiviparoisseError
    `stray_owned` or `volume_held` when it is an instance's, `stray_foreign` or `volume_foreign` where it may be another
    manager's."""
    fleet = get_engine(thing.engine).observe_fleet()
    look = _look_at_volume if thing.thing is RemovableKind.VOLUME else _look_at_namespace
    return look(thing, fleet)


def refuse_owned(thing: EngineObject) -> None:
    """Raise CiviparoisseError `stray_owned` where an instance of that engine has the name."""
    owner = Instance.objects.select_related("tenant").filter(engine=thing.engine, identifier=thing.name).first()
    if owner is not None:
        raise CiviparoisseError("stray_owned", name=thing.name, tenant=owner.tenant.slug)


def refuse_removal(thing: EngineObject, _parameters: Mapping[str, Any]) -> None:
    """Raise what `look_at` raises: of what may not be removed nothing is begun."""
    look_at(thing)


def describe_removal(thing: EngineObject, _parameters: Mapping[str, Any]) -> list[str]:
    """Return what the removal does, in sentences."""
    holding = look_at(thing)
    names = {"name": thing.name, "engine": thing.engine, "size": filesizeformat(holding.capacity_bytes)}
    if thing.thing is RemovableKind.VOLUME:
        what = _("The volume %(name)s of %(engine)s (%(size)s) is removed for good, with its storage and all in it.")
        return [what % names]
    names |= {
        "pods": ", ".join(pod.name for pod in holding.pods) or _("nothing"),
        "volumes": ", ".join(volume.name for volume in holding.volumes) or _("nothing"),
        "backups": ", ".join(sorted(holding.backup_ids, reverse=True)[:MOST_NAMED]) or _("nothing"),
    }
    return [
        _("All that %(engine)s holds under the name %(name)s is removed for good; no instance has that name.") % names,
        _("Running: %(pods)s.") % names,
        _("Volumes: %(volumes)s (%(size)s).") % names,
        _("Backups: %(backups)s.") % names,
        _("No instance of that name is provisioned meanwhile."),
    ]


def _look_at_namespace(thing: EngineObject, fleet: ObservedFleet) -> Holding:
    refuse_owned(thing)
    seen = fleet.instances.get(thing.name)
    if seen is None:
        raise NotFound(what=thing.engine, name=thing.name)
    if not fleet.is_own(thing.name):
        raise CiviparoisseError("stray_foreign", name=thing.name, engine=thing.engine)
    return Holding(
        pods=tuple(pod for pod in fleet.pods if pod.instance == thing.name and pod.ended_at is None),
        volumes=tuple(volume for volume in fleet.volumes if volume.instance == thing.name),
        backup_ids=seen.backup_ids,
    )


def _look_at_volume(thing: EngineObject, fleet: ObservedFleet) -> Holding:
    volume = next((volume for volume in fleet.volumes if volume.name == thing.name), None)
    if volume is None:
        raise NotFound(what=thing.engine, name=thing.name)
    if volume.is_bound:
        raise CiviparoisseError("volume_held", name=thing.name, instance=volume.instance or "?", phase="Bound")
    if (thing.engine, thing.name) not in select_own_volumes({thing.engine: fleet}):
        raise CiviparoisseError("volume_foreign", name=thing.name, engine=thing.engine)
    return Holding(volumes=(volume,))
