"""Where one run of a program takes place: the cluster, the instance, the run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.cluster import ClusterSettings
from domain.specs import InstanceSpec, JobSpec
from engine.kubernetes.client import ClusterClient
from manifests.jobs import compute_job_name


@dataclass(frozen=True, slots=True)
class RunContext:
    """Where a run takes place, and what it is. `key`: the name of its Job."""

    client: ClusterClient
    settings: ClusterSettings
    spec: InstanceSpec
    job: JobSpec
    now: Callable[[], datetime]

    @property
    def identifier(self) -> str:
        """The instance, which is the namespace."""
        return self.spec.identifier

    @property
    def key(self) -> str:
        """The name of the Job."""
        return compute_job_name(self.job.name)

    @property
    def lender(self) -> str | None:
        """The other instance whose set the run reads, None when it reads none or its own."""
        return None if self.job.set_of == self.identifier else self.job.set_of
