"""Instances on a Kubernetes cluster. No state but the cluster's own; every module beside this one does one thing."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from domain.cluster import ClusterSettings
from domain.findings import Drift
from domain.fleet import Adoptable, ObservedFleet, ScheduledRun, UsageSample, VolumeSize
from domain.specs import InstanceSpec, JobProgram, JobSpec, JobStatus, ObservedInstance, ObservedVisits, ProbeResult
from engine.kubernetes.adoption import adopt, look_at_adoptable
from engine.kubernetes.apply import apply_schedules
from engine.kubernetes.autoscaler import read_new_nodes
from engine.kubernetes.client import ClusterClient, Connection, get_client
from engine.kubernetes.deletion import delete_instance
from engine.kubernetes.drift import find_drift
from engine.kubernetes.fleet import observe_cluster
from engine.kubernetes.jobs import cancel_job, run_job
from engine.kubernetes.left_volumes import remove_volume
from engine.kubernetes.lifecycle import apply_and_observe
from engine.kubernetes.observe import check_identifier, observe_instance
from engine.kubernetes.probe import probe_ingress, probe_service
from engine.kubernetes.run_context import RunContext
from engine.kubernetes.schedules import list_scheduled_runs
from engine.kubernetes.usage import observe_usage
from engine.kubernetes.visits import read_visits
from engine.kubernetes.volumes import observe_volumes
from engine.visits import look_at_visits
from manifests.jobs import compute_job_name


def get_now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)


class KubernetesEngine:
    """Runs instances on the cluster that `connection` leads to, one namespace each. `name`: of the cluster's row."""

    runs_schedules = True
    poll_seconds = 2.0

    def __init__(self, name: str, *, connection: Connection, settings: ClusterSettings) -> None:
        self.name = name
        self.connection = connection
        self.settings = settings
        self.deletion_grace_seconds = settings.deletion_grace_seconds

    @property
    def client(self) -> ClusterClient:
        """This process's client of the cluster, for one visit: whose each namespace is, is looked at anew."""
        return get_client(self.connection).visit(self.settings.manager)

    def apply(self, spec: InstanceSpec) -> ObservedInstance:
        """See Engine.apply."""
        return apply_and_observe(self.client, spec, self.settings, now=get_now())

    def observe(self, identifier: str) -> ObservedInstance:
        """See Engine.observe. Six calls at most."""
        return observe_instance(self.client, identifier)

    def observe_fleet(self) -> ObservedFleet:
        """See Engine.observe_fleet. Eight lists, and a look at what an autoscaler says of itself."""
        client, now = self.client, get_now()
        fleet = observe_cluster(client, manager=self.settings.manager, now=now)
        most_nodes = self.settings.most_nodes
        if not most_nodes and (new_nodes := read_new_nodes(client, now=now)):
            most_nodes = len(fleet.nodes) + new_nodes
        return dataclasses.replace(fleet, most_nodes=most_nodes)

    def observe_usage(self) -> tuple[UsageSample, ...]:
        """See Engine.observe_usage."""
        return observe_usage(self.client)

    def list_drift(self, specs: Sequence[InstanceSpec]) -> Mapping[str, tuple[Drift, ...]]:
        """See Engine.list_drift. Two lists of a kind at most, whatever the number of specs."""
        return find_drift(self.client, self.settings, specs, now=get_now())

    def list_scheduled_runs(self, identifier: str) -> tuple[ScheduledRun, ...]:
        """See Engine.list_scheduled_runs."""
        return list_scheduled_runs(self.client, identifier, now=get_now())

    def observe_volumes(self, identifier: str) -> Mapping[str, VolumeSize]:
        """See Engine.observe_volumes."""
        return observe_volumes(self.client, identifier)

    def find_sets_directory(self, identifier: str) -> None:
        """See Engine.find_sets_directory: volumes are mounted in pods alone."""
        del identifier

    def release_schedules(self, spec: InstanceSpec) -> None:
        """See Engine.release_schedules."""
        check_identifier(spec.identifier)
        apply_schedules(self.client, spec, self.settings, now=get_now())

    def suspend(self, spec: InstanceSpec) -> ObservedInstance:
        """See Engine.suspend."""
        return self.apply(dataclasses.replace(spec, components=frozenset()))

    def resume(self, spec: InstanceSpec) -> ObservedInstance:
        """See Engine.resume."""
        return self.apply(spec)

    def run_job(self, spec: InstanceSpec, job: JobSpec) -> JobStatus:
        """See Engine.run_job. Raise NotFound for an instance that was never applied."""
        return run_job(RunContext(self.client, self.settings, spec, job, get_now))

    def cancel_job(self, identifier: str, name: str) -> None:
        """See Engine.cancel_job."""
        cancel_job(self.client, identifier, name, now=get_now())

    def make_tools_command(self, identifier: str, name: str) -> str:
        """See Engine.make_tools_command. It is run with the account of whoever enters it, never with the manager's."""
        check_identifier(identifier)
        container = JobProgram.TOOLS.value
        return f"kubectl exec -it --namespace {identifier} job/{compute_job_name(name)} -c {container} -- bash"

    def probe(self, spec: InstanceSpec) -> ProbeResult:
        """See Engine.probe."""
        check_identifier(spec.identifier)
        if self.settings.ingress_address:
            return probe_ingress(spec, self.settings.ingress_address)
        return probe_service(self.client, spec)

    def observe_visits(self, spec: InstanceSpec, *, since: datetime) -> ObservedVisits:
        """See Engine.observe_visits. Two calls, six more where the log does not tell."""
        return look_at_visits(
            lambda: self.probe(spec),
            lambda moment: read_visits(self.client, spec, since=moment, now=get_now()),
            instance=spec.identifier,
            since=since,
        )

    def delete(self, identifier: str, *, keep_backups: bool) -> ObservedInstance:
        """See Engine.delete. Namespaces end by themselves: ask `observe` until nothing remains."""
        delete_instance(self.client, identifier, keep_backups=keep_backups)
        return self.observe(identifier)

    def look_at_adoptable(self, spec: InstanceSpec) -> Adoptable | None:
        """See Engine.look_at_adoptable."""
        return look_at_adoptable(self.client, spec, self.settings, now=get_now())

    def adopt(self, identifier: str, *, holder: str) -> None:
        """See Engine.adopt."""
        adopt(self.client, identifier, holder=holder)

    def remove_volume(self, name: str) -> None:
        """See Engine.remove_volume. The cluster removes it, and may take its time."""
        remove_volume(self.client, name, engine=self.name)
