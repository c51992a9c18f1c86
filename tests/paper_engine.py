"""An engine on which everything runs as it should and nothing takes time: what the manager itself takes is measured."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.findings import Drift
from domain.fleet import ObservedFleet, ObservedNode, ScheduledRun, UsageSample, VolumeSize
from domain.reservations import Reservation
from domain.room import ObservedRoom
from domain.specs import (
    Component,
    ComponentPhase,
    InstanceSpec,
    JobPhase,
    JobSpec,
    JobStatus,
    ObservedComponent,
    ObservedInstance,
    ObservedVisits,
    ProbeResult,
)
from domain.words import VOLUMES as VOLUME_WORDS

NAME = "paper"


def _make_all(phase: ComponentPhase) -> Mapping[Component, ObservedComponent]:
    return {component: ObservedComponent(phase=phase) for component in Component}


READY, STOPPED = _make_all(ComponentPhase.READY), _make_all(ComponentPhase.STOPPED)


class PaperEngine:
    """See engine.base. `instances`: what it holds, by identifier. `jobs`: the names of all it was asked to run."""

    name = NAME
    poll_seconds = 1.0
    deletion_grace_seconds = 0

    def __init__(self) -> None:
        self.runs_schedules = False
        self.instances: dict[str, ObservedInstance] = {}
        self.jobs: list[str] = []

    def add(self, identifier: str, *, sets: Sequence[str], runs: bool, now: datetime) -> None:
        """Have the instance there."""
        self.instances[identifier] = ObservedInstance(
            identifier=identifier,
            exists=True,
            initialised=True,
            components=READY if runs else STOPPED,
            manager="",
            url=f"https://www.{identifier}.example.org/",
            backup_ids=tuple(sets),
            expiries={"httpd": now + timedelta(days=90)},
            room=ObservedRoom(at=now, percents=dict.fromkeys(VOLUME_WORDS, 40)),
        )

    def observe(self, identifier: str) -> ObservedInstance:
        """See engine.base."""
        return self.instances.get(identifier, ObservedInstance(identifier=identifier, exists=False))

    def observe_fleet(self) -> ObservedFleet:
        """See engine.base: four nodes with all the room there is."""
        size = Reservation(10**9, 2**60)
        nodes = tuple(ObservedNode(name=f"node-{number}", allocatable=size) for number in range(4))
        return ObservedFleet(at=datetime.now(UTC), instances=self.instances, nodes=nodes)

    def observe_usage(self) -> tuple[UsageSample, ...]:
        """See engine.base."""
        at = datetime.now(UTC)
        return tuple(
            UsageSample(instance=name, container=container, at=at, cpu_millicores=50, memory_bytes=300 * 2**20)
            for name, seen in self.instances.items()
            if seen.components is READY
            for container in ("db", "httpd")
        )

    def list_drift(self, specs: Sequence[InstanceSpec]) -> Mapping[str, tuple[Drift, ...]]:
        """See engine.base."""
        del specs
        return {}

    def list_scheduled_runs(self, identifier: str) -> tuple[ScheduledRun, ...]:
        """See engine.base."""
        del identifier
        return ()

    def observe_volumes(self, identifier: str) -> Mapping[str, VolumeSize]:
        """See engine.base."""
        del identifier
        return {}

    def find_sets_directory(self, identifier: str) -> Path | None:
        """See engine.base."""
        del identifier
        return None

    def release_schedules(self, spec: InstanceSpec) -> None:
        """See engine.base."""

    def apply(self, spec: InstanceSpec) -> ObservedInstance:
        """See engine.base."""
        return self.observe(spec.identifier)

    suspend = resume = apply

    def run_job(self, spec: InstanceSpec, job: JobSpec) -> JobStatus:
        """See engine.base: ended at once."""
        del spec
        self.jobs.append(job.name)
        at = datetime.now(UTC)
        return JobStatus(
            name=job.name, phase=JobPhase.SUCCEEDED, progress=100, result={"ok": True}, started_at=at, ended_at=at
        )

    def cancel_job(self, identifier: str, name: str) -> None:
        """See engine.base."""

    def make_tools_command(self, identifier: str, name: str) -> str:
        """See engine.base."""
        return f"enter {identifier} {name}"

    def probe(self, spec: InstanceSpec) -> ProbeResult:
        """See engine.base."""
        del spec
        return ProbeResult(ok=True, seconds=0.1)

    def observe_visits(self, spec: InstanceSpec, *, since: datetime) -> ObservedVisits:
        """See engine.base."""
        del spec, since
        return ObservedVisits(is_counted=False)

    def delete(self, identifier: str, *, keep_backups: bool) -> ObservedInstance:
        """See engine.base."""
        del keep_backups
        self.instances.pop(identifier, None)
        return self.observe(identifier)

    def look_at_adoptable(self, spec: InstanceSpec) -> None:
        """See engine.base."""
        del spec

    def adopt(self, identifier: str, *, holder: str) -> None:
        """See engine.base."""

    def remove_volume(self, name: str) -> None:
        """See engine.base."""
