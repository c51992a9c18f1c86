"""An instance applied by hand: the objects of manifests/, sent by kubectl, without the engine."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

from domain.cluster import ClusterSettings, IngressKind, TlsBundle
from domain.specs import Component, InstanceKind, InstanceSpec, JobProgram, JobSpec, Plan, Release
from manifests.instance import make_instance_objects
from manifests.jobs import compute_job_name, make_job_object
from manifests.tls import make_tls_bundle
from tests.builders import make_plan, make_spec
from tests.cluster.control import Cluster, KubectlFailed, Object, wait_until

SETTINGS = ClusterSettings(ingress_kind=IngressKind.NONE, deletion_grace_seconds=0)
NOTHING_RUNS: frozenset[Component] = frozenset()
SERVERS = frozenset({Component.DB, Component.HTTPD})
JOB_SECONDS = 120
SCHEDULED = '.status.conditions[?(@.type=="PodScheduled")]'
ROLES = ("db", "router", "init", "httpd", "cron", "wait", "backup")


def make_standin_release(name: str = "standin-1", *, update: str = "2", httpd: str = "1") -> Release:
    """Return a release of stand-in images (tests/cluster/images). `update`: 2, or broken: it fails half-way."""
    images = {role: f"localhost/standin/{role}:1" for role in ROLES}
    images |= {"update": f"localhost/standin/update:{update}", "httpd": f"localhost/standin/httpd:{httpd}"}
    return Release(name=name, images=images, versions={"civicrm": "5.61.1", "drupal": "9.5.9"})


def make_small_plan() -> Plan:
    """Return the default plan with a tenth of its CPU requests: several instances on a machine of two cores."""
    plan = make_plan()
    containers = {
        name: dataclasses.replace(size, cpu_request_millicores=size.cpu_request_millicores // 10)
        for name, size in plan.containers.items()
    }
    return dataclasses.replace(plan, name="small", containers=containers)


class ByHand:
    """One instance. `cluster`: where it is."""

    def __init__(self, cluster: Cluster, identifier: str, **changes: Any) -> None:
        self.cluster = cluster
        made = {"release": make_standin_release(), "kind": InstanceKind.SANDBOX, **changes}
        self.spec: InstanceSpec = make_spec(identifier, **made)
        self.tls: TlsBundle = make_tls_bundle(identifier, self.spec.host, now=datetime.now(UTC))

    @property
    def namespace(self) -> str:
        """The instance's namespace."""
        return self.spec.identifier

    def make_objects(self, components: frozenset[Component]) -> list[Object]:
        """Return its objects with `components` running."""
        spec = dataclasses.replace(self.spec, components=components)
        return make_instance_objects(spec, SETTINGS, tls=self.tls)

    def apply(self, components: frozenset[Component] = SERVERS) -> None:
        """Apply its objects. Without its cron, whose pods come when they want; a sandbox has no nightly backup."""
        self.cluster.apply(self.make_objects(components))

    def start_job(self, program: JobProgram, name: str, *, set_of: str | None = None, **environment: str) -> str:
        """Start a run of a program; return its Job's name."""
        asked = JobSpec(
            name=name, program=program, environment=environment, deadline_seconds=JOB_SECONDS, set_of=set_of
        )
        self.cluster.apply([make_job_object(self.spec, asked, SETTINGS, tls=self.tls)])
        return compute_job_name(name)

    def run_job(self, program: JobProgram, name: str, *, set_of: str | None = None, **environment: str) -> Object:
        """Run a program to its end. Return the JSON of its termination message, {} when it writes none."""
        job = self.start_job(program, name, set_of=set_of, **environment)
        return self.wait_for_job(job, container=program.value)

    def wait_for_job(self, job: str, *, container: str) -> Object:
        """Wait until a Job has ended well. Return its result."""

        def list_conditions() -> list[str]:
            status = self.cluster.get("job", job, namespace=self.namespace)["status"]
            return [one["type"] for one in status.get("conditions", []) if one["status"] == "True"]

        wait_until(
            lambda: bool({"Complete", "Failed"} & set(list_conditions())),
            f"the Job {job} ends",
            seconds=JOB_SECONDS,
            show=lambda: self.describe(f"job-name={job}"),
        )
        assert "Complete" in list_conditions(), self.describe(f"job-name={job}")
        (pod,) = self.cluster.list("pods", "-l", f"job-name={job}", namespace=self.namespace)
        (status,) = (one for one in pod["status"]["containerStatuses"] if one["name"] == container)
        result: Object = json.loads(status["state"]["terminated"].get("message") or "{}")
        return result

    def wait_until_ready(self, *servers: str) -> None:
        """Wait until exactly these servers' pods are Ready ("db", "httpd"), and all other pods of servers gone."""
        wanted = {f"paroisse-set-{server}-0" for server in servers}

        def are_ready() -> bool:
            pods = self.cluster.list("pods", "-l", "!job-name", namespace=self.namespace)
            ready = {pod["metadata"]["name"] for pod in pods if is_ready(pod)}
            return ready == wanted == {pod["metadata"]["name"] for pod in pods}

        wait_until(are_ready, f"{servers} of {self.namespace} are Ready", seconds=120, show=self.describe)

    def describe(self, selector: str = "") -> str:
        """Return what an operator would look at: pods, the last events, the ends of the logs."""
        texts = []
        for asked in (
            ("get", "pods", "-o", "wide"),
            ("get", "pods", "-o", f"custom-columns=NAME:.metadata.name,SCHEDULED:{SCHEDULED}.message"),
            ("get", "events", "--sort-by=.lastTimestamp"),
            ("logs", "-l", selector or "app.kubernetes.io/managed-by", "--all-containers", "--tail=15", "--prefix"),
        ):
            try:
                texts.append("\n".join(self.cluster.kubectl(*asked, namespace=self.namespace).splitlines()[-25:]))
            except KubectlFailed as error:
                texts.append(str(error))
        return "\n".join(texts)

    def delete(self) -> None:
        """Delete the namespace and wait until it is gone."""
        self.cluster.kubectl("delete", "namespace", self.namespace, "--ignore-not-found", "--timeout=100s")


def is_ready(pod: Object) -> bool:
    """Return whether a pod says that it is Ready, and is not on its way out."""
    conditions = pod["status"].get("conditions", [])
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
    return ready and "deletionTimestamp" not in pod["metadata"]
