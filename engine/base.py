"""The port between operations and the places where instances run. Every engine passes tests/engine/contract.py."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from domain.findings import Drift
from domain.fleet import Adoptable, ObservedFleet, ScheduledRun, UsageSample, VolumeSize
from domain.specs import (
    InstanceSpec,
    JobSpec,
    JobStatus,
    ObservedInstance,
    ObservedVisits,
    ProbeResult,
)


class Engine(Protocol):
    """Runs instances somewhere.

    Every method may be repeated, returns soon (seconds), never waits for readiness, and keeps no state of its own
    in memory: the next call may come from another process, or after this one was killed at any instruction.
    Errors are `CiviparoisseError`s; retryable ones (`engine_unavailable`, …) may be asked again later.
    """

    name: str
    # True: cron and nightly backup run by themselves while the manager is away (CronJobs), and are found afterwards;
    # False: the manager starts each run.
    runs_schedules: bool
    # How often it is worth asking whether a server is ready or a run has ended.
    poll_seconds: float
    # How long a deletion can be undone once everything is stopped; 0: it is purged at once.
    deletion_grace_seconds: int

    def apply(self, spec: InstanceSpec) -> ObservedInstance:
        """Make the instance what `spec` says: volumes, configuration, secrets, and exactly `spec.components` running.

        Starts and stops servers without waiting for readiness; servers are started only once initialised.
        A changed configuration restarts what reads it. Never touches data. Return what is there now.
        """

    def observe(self, identifier: str) -> ObservedInstance:
        """Return what is there, without changing it. An unknown identifier is `exists=False`, not an error."""

    def observe_fleet(self) -> ObservedFleet:
        """Return what is there of all instances, and of the place itself. Its cost does not grow with their number
        but by what the answers hold."""

    def observe_usage(self) -> tuple[UsageSample, ...]:
        """Return what every container of ours uses now; empty where nothing measures it."""

    def list_drift(self, specs: Sequence[InstanceSpec]) -> Mapping[str, tuple[Drift, ...]]:
        """Return by identifier what differs from what `apply` would make of each spec, changing nothing; those in order
        are left out. Asks a number of questions that does not grow with the number of specs. Empty where nothing but
        the manager can change an instance."""

    def list_scheduled_runs(self, identifier: str) -> tuple[ScheduledRun, ...]:
        """Return the runs that the instance's own schedules started and that are still known, the oldest first; empty
        where the manager starts each run."""

    def observe_volumes(self, identifier: str) -> Mapping[str, VolumeSize]:
        """Return the instance's volumes as they are, by the field of the plan with their size; empty where it has none,
        and where volumes have no size of their own."""

    def find_sets_directory(self, identifier: str) -> Path | None:
        """Return the directory of the instance's backup sets where the manager itself can read it; None where only a
        job can."""
        ...

    def release_schedules(self, spec: InstanceSpec) -> None:
        """Make the instance's own schedules what `spec` says and nothing else, whatever ails the rest of it. Nothing to
        do where the manager starts each run."""

    def suspend(self, spec: InstanceSpec) -> ObservedInstance:
        """Stop all components, keep volumes and backups."""

    def resume(self, spec: InstanceSpec) -> ObservedInstance:
        """Start all of `spec.components` again on the same volumes."""

    def run_job(self, spec: InstanceSpec, job: JobSpec) -> JobStatus:
        """Start `job` unless a run of that name was ever started, and return its status now.

        A name runs at most once, whatever happens to the callers; `lost` asks the caller for a new name.
        """

    def cancel_job(self, identifier: str, name: str) -> None:
        """Kill a running job and wait until its processes are gone; unknown or ended ones are ignored."""

    def make_tools_command(self, identifier: str, name: str) -> str:
        """Return the command line that leads a person into the run of the tools called `name`. Raise CiviparoisseError
        `tools_on_machine` where there is no pod to enter."""
        ...

    def probe(self, spec: InstanceSpec) -> ProbeResult:
        """Read the instance's page and look for the parish's name. A page that does not answer is `ok=False`."""

    def observe_visits(self, spec: InstanceSpec, *, since: datetime) -> ObservedVisits:
        """Read the page as the manager, then the web server's log: return when somebody else last asked for anything
        since `since` (to the second), as far as the log goes back. Raise EngineUnavailable when nothing answers."""

    def delete(self, identifier: str, *, keep_backups: bool) -> ObservedInstance:
        """Stop everything and purge the instance; backup sets are kept or purged too. Proof: `remains` is empty."""

    def look_at_adoptable(self, spec: InstanceSpec) -> Adoptable | None:
        """Return what stands under the instance's name and could be this manager's from now on, with what an apply of
        `spec` would change of it; None where there is nothing of an instance. Changes nothing."""
        ...

    def adopt(self, identifier: str, *, holder: str) -> None:
        """Leave this manager's mark on what stands under the name, so that it is its own from now on. May be repeated.
        Raise `namespace_foreign` when it bears another mark than `holder` meanwhile."""
        ...

    def remove_volume(self, name: str) -> None:
        """Ask for the removal of a volume that an instance left and no claim holds, with its storage. One that is not
        there is removed. Raise CiviparoisseError `volume_held` while a claim holds it, `volume_foreign` for one that is
        no instance's."""
