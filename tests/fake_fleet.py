"""What the tests' engine says of its whole place: the instances are its files', the rest is what a test sets."""

import copy
import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.errors import CiviparoisseError
from domain.findings import Drift
from domain.fleet import (
    Adoptable,
    Ending,
    ObservedFleet,
    ObservedNode,
    ObservedPod,
    ObservedVolume,
    ScheduledRun,
    UsageSample,
    VolumeSize,
)
from domain.reservations import Reservation
from domain.room import ObservedRoom
from domain.specs import InstanceSpec, JobPhase, JobProgram, ObservedInstance, ObservedVisits

NODE = ObservedNode(name="node1", allocatable=Reservation(8000, 32 * 1024**3), most_pods=110)


class FakeFleet:
    """The part of the fake engine that is about all instances at once, and about their own schedules.

    `runs_schedules`, `poll_seconds`, `deletion_grace_seconds`, `nodes`, `most_nodes`, `pods`, `volumes`, `usage`,
    `drift`, `endings`, `expiries`, `rooms`, `sizes` (of volumes), `visits` (of instances without: it does not tell):
    what it answers, as a test of the same process sets them. `looks`: (identifier, since when) of every look at visits.
    `released`: the specs whose schedules alone were asked for.
    """

    root: Path
    _edit: Callable[[str], AbstractContextManager[dict[str, Any]]]
    _call: Callable[[str, str], AbstractContextManager[dict[str, Any]]]
    _observe_state: Callable[[str, dict[str, Any]], ObservedInstance]

    def __init__(self) -> None:
        self.runs_schedules = False
        self.poll_seconds = 0.5
        self.deletion_grace_seconds = 0
        self.nodes: tuple[ObservedNode, ...] = (NODE,)
        self.pods: tuple[ObservedPod, ...] = ()
        self.most_nodes = 0
        self.volumes: tuple[ObservedVolume, ...] = ()
        self.usage: tuple[UsageSample, ...] = ()
        self.drift: dict[str, tuple[Drift, ...]] = {}
        self.expiries: dict[str, dict[str, datetime]] = {}
        self.adoptable_secrets: dict[str, str] = {}
        self.rooms: dict[str, ObservedRoom] = {}
        self.endings: dict[str, Ending] = {}
        self.visits: dict[str, ObservedVisits] = {}
        self.sizes: dict[str, dict[str, VolumeSize]] = {}
        self.released: list[InstanceSpec] = []
        self.looks: list[tuple[str, datetime]] = []

    def set_scheduled_runs(self, identifier: str, *runs: ScheduledRun) -> None:
        """Make these the runs that the instance's own schedules started; the sets of good backups are on its volume."""
        rows = []
        for run in runs:
            times = {name: moment.isoformat() if moment else None for name, moment in _list_times(run)}
            result = None if run.result is None else dict(run.result)
            rows.append({"name": run.name, "program": run.program, "phase": run.phase, "result": result, **times})
        made = [row["result"]["backup_id"] for row in rows if row["result"] and "backup_id" in row["result"]]
        with self._edit(identifier) as state:
            state["scheduled"] = json.loads(json.dumps(rows))
            state["sets"] += [backup_id for backup_id in made if backup_id not in state["sets"]]

    def list_scheduled_runs(self, identifier: str) -> tuple[ScheduledRun, ...]:
        """See engine.base."""
        with self._edit(identifier) as state:
            return tuple(_make_run(row) for row in state.get("scheduled", ()))

    def observe_fleet(self) -> ObservedFleet:
        """See engine.base. It is no look at any instance: nothing becomes ready by it."""
        instances = {}
        for place in sorted(self.root.glob("*/state.json")):
            identifier = place.parent.name
            with self._edit(identifier) as state:
                observed = self._observe_state(identifier, copy.deepcopy(state))
            if observed.exists or observed.backup_ids:
                expiries = self.expiries.get(identifier, {})
                room = self.rooms.get(identifier)
                instances[identifier] = dataclasses.replace(observed, expiries=expiries, room=room)
        at = datetime.now(UTC)
        return ObservedFleet(
            at=at,
            instances=instances,
            endings=self.endings,
            nodes=self.nodes,
            pods=self.pods,
            volumes=self.volumes,
            most_nodes=self.most_nodes,
        )

    def look_at_adoptable(self, spec: InstanceSpec) -> Adoptable | None:
        """See engine.base."""
        with self._call(spec.identifier, "look_at_adoptable") as state:
            if not state["exists"]:
                return None
            return Adoptable(holder=state.get("manager", ""), secrets=self.adoptable_secrets, volumes=("dbvolclaim",))

    def adopt(self, identifier: str, *, holder: str) -> None:
        """See engine.base."""
        with self._call(identifier, "adopt") as state:
            if state.get("manager", "") not in (holder, ""):
                raise CiviparoisseError("namespace_foreign", instance=identifier)
            state["effects"] += ["adopt"] if state.get("manager") else []
            state["manager"] = ""

    def make_tools_command(self, identifier: str, name: str) -> str:
        """See engine.base."""
        return f"enter {identifier} {name}"

    def remove_volume(self, name: str) -> None:
        """See engine.base."""
        self.volumes = tuple(volume for volume in self.volumes if volume.name != name)

    def observe_volumes(self, identifier: str) -> Mapping[str, VolumeSize]:
        """See engine.base."""
        return self.sizes.get(identifier, {})

    def find_sets_directory(self, identifier: str) -> Path | None:
        """See engine.base."""
        del identifier
        return None

    def release_schedules(self, spec: InstanceSpec) -> None:
        """See engine.base."""
        self.released.append(spec)

    def list_drift(self, specs: Sequence[InstanceSpec]) -> Mapping[str, tuple[Drift, ...]]:
        """See engine.base."""
        return {spec.identifier: self.drift[spec.identifier] for spec in specs if spec.identifier in self.drift}

    def observe_visits(self, spec: InstanceSpec, *, since: datetime) -> ObservedVisits:
        """See engine.base."""
        self.looks.append((spec.identifier, since))
        with self._call(spec.identifier, "observe_visits"):
            return self.visits.get(spec.identifier, ObservedVisits(is_counted=False))

    def observe_usage(self) -> tuple[UsageSample, ...]:
        """See engine.base."""
        return self.usage


def _list_times(run: ScheduledRun) -> list[tuple[str, datetime | None]]:
    return [("started_at", run.started_at), ("ended_at", run.ended_at)]


def _make_run(row: dict[str, Any]) -> ScheduledRun:
    return ScheduledRun(
        name=row["name"],
        program=JobProgram(row["program"]),
        phase=JobPhase(row["phase"]),
        started_at=datetime.fromisoformat(row["started_at"]) if row["started_at"] else None,
        ended_at=datetime.fromisoformat(row["ended_at"]) if row["ended_at"] else None,
        result=row["result"],
    )
