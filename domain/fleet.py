"""What an engine sees of its whole place at once: nodes, pods, volumes, measured use. Frozen values, no behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.findings import Drift
from domain.reservations import NOTHING, Reservation
from domain.specs import JobPhase, JobProgram, ObservedInstance


class RemovableKind(StrEnum):
    """What can be removed though no instance has it: all that stands under the name of an instance that there is not,
    or one volume that no claim holds any more."""

    INSTANCE = "instance"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedNode:
    """A machine that runs pods. `allocatable`: what pods may reserve together; `most_pods`, `most_volumes`: how many it
    takes, None when it does not say. `schedulable`: ready or expected back, and not cordoned."""

    name: str
    allocatable: Reservation
    most_pods: int | None = None
    most_volumes: int | None = None
    schedulable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPod:
    """A pod that exists, or a process group that stands for one. `reserved`: what the scheduler holds for it now,
    nothing once it has ended. `instance`: identifier, None for what is not ours. `component`: db, httpd, cron, or the
    program it runs (backup, init, …), "" for what is not ours. `job`: the run's name, "" for servers. `started_at`:
    when it was bound to its node, None while it waits; `ended_at`: None while it holds its reservation."""

    name: str
    node: str | None = None
    instance: str | None = None
    component: str = ""
    job: str = ""
    reserved: Reservation = NOTHING
    started_at: datetime | None = None
    ended_at: datetime | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedVolume:
    """Storage that exists and is paid for. `instance`: whose claim it is or was, None when no instance's. `claim`: its
    claim's name, "" when it has none left. `is_bound`: False for a Released or unclaimed one. `is_mounted`: a pod
    uses it now. `reclaim_policy`: Retain, Delete, "" when there is none. `released_at`: when its claim went, None where
    it has one, or nobody says."""

    name: str
    capacity_bytes: int
    storage_class: str = ""
    instance: str | None = None
    claim: str = ""
    is_bound: bool = True
    is_mounted: bool = False
    reclaim_policy: str = ""
    created_at: datetime | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeSize:
    """One volume of an instance as it is. `requested_bytes`: what was asked for last; `capacity_bytes`: what it has.
    `can_grow`: its storage class allows more. `waits_for_start`: it has grown, and its file system grows once a server
    mounts it. `detail`: what is said of a growth under way, in English."""

    claim: str
    requested_bytes: int
    capacity_bytes: int
    storage_class: str = ""
    can_grow: bool = True
    waits_for_start: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoptable:
    """What stands under an instance's name and this manager did not make. `holder`: the mark of the manager that did,
    "" where it bears none. `secrets`: its passwords and keys, by the field of Secrets, which stay. `changes`: what
    would be other than it is once it is applied; `volumes`: its claims."""

    holder: str
    secrets: Mapping[str, str] = field(repr=False)
    changes: tuple[Drift, ...] = ()
    volumes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A place whose deletion was asked for and that is still there. `detail`: what holds it, in the place's own
    words."""

    since: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedFleet:
    """Everything of one engine at one moment, by a number of calls that does not grow with the number of instances.

    `instances`: by identifier, every one that exists, also those whose identifier the manager does not know.
    `manager`: the mark that this manager leaves on what it makes there, as in ObservedInstance. `endings`: by
    identifier, what is on its way out.
    """

    at: datetime
    manager: str = ""
    instances: Mapping[str, ObservedInstance] = field(default_factory=dict)
    endings: Mapping[str, Ending] = field(default_factory=dict)
    nodes: tuple[ObservedNode, ...] = ()
    pods: tuple[ObservedPod, ...] = ()
    volumes: tuple[ObservedVolume, ...] = ()
    # How many nodes the place makes by itself at most when pods wait for one; 0: their number stays.
    most_nodes: int = 0

    def is_own(self, name: str) -> bool:
        """Return whether this manager made what is there under `name`, so that it is nobody else's."""
        return self.find_own(name) is not None

    def is_taken(self, name: str) -> bool:
        """Return whether what stands under `name` is another manager's, or bears no mark; volumes that outlived
        their place stand nowhere."""
        seen = self.instances.get(name)
        stands = seen is not None and (seen.manager is not None or bool(seen.components))
        return stands and not self.is_own(name)

    def find_own(self, name: str) -> ObservedInstance | None:
        """Return what this manager made under `name`, None when there is nothing or it is another manager's."""
        seen = self.instances.get(name)
        return seen if seen is not None and seen.manager == self.manager else None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSample:
    """What one container (or process group) used at one moment: CPU in millicores over the source's own window,
    memory in bytes (working set; resident where nothing better is known). `container`: as the plan names it (db, httpd,
    db_router, …); two pods of one instance that have the same give two samples."""

    instance: str
    container: str
    at: datetime
    cpu_millicores: int
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledRun:
    """One run that an instance's own schedule started (cron, nightly backup), with nobody asking for it.

    `name`: unique for ever. `result`: the program's own JSON, None while it runs, and when it left none.
    """

    name: str
    program: JobProgram
    phase: JobPhase
    started_at: datetime | None = None
    ended_at: datetime | None = None
    result: Mapping[str, Any] | None = None
