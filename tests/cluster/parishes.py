"""Real parishes on the cluster: the manager's rows and operations, what is in their pods, and how it is damaged."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from domain.specs import DATABASES, InstanceKind
from domain.states import ENDED_OPERATION_STATES, InstanceState, OperationKind, OperationState
from engine.kubernetes.engine import KubernetesEngine
from operations.models import Operation, OperationEvent
from operations.requests import request_operation
from operations.runner import run_operation
from tenants.models import Instance, Plan, PlanContainer, Release
from tenants.specs import make_secrets
from tests.cluster.by_hand import make_standin_release
from tests.cluster.control import Cluster
from tests.cluster.pages import read_page
from tests.rows import make_instance_row

ENGINE = "cluster"
# How often a waiting step looks again: half of a test's time would be the manager's own patience.
POLL_SECONDS = 0.3
OPERATION_SECONDS = 240
# Directories that a restore empties on purpose.
CACHES = "templates_c|css|js|php"
# Written by the instance's cron, whenever its minute comes.
CRON_S_TABLES = frozenset({"civicrm_job", "civicrm_job_log"})

Between = Callable[[Operation], None]


@dataclass
class ClusterParishes:
    """The parishes of one module. Rows live as long as a test, instances as long as the module."""

    cluster: Cluster
    engine: KubernetesEngine
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, slug: str = "saint-paul", *, kind: InstanceKind = InstanceKind.PRODUCTION) -> Instance:
        """Return an active instance, provisioned the first time, with a fresh row; the parish's production first."""
        instance = self.make_row(slug, kind=kind)
        if instance.identifier not in self.secrets:
            self.provision(instance)
        else:
            instance.secrets = self.secrets[instance.identifier]
            instance.state = InstanceState.ACTIVE.value
            instance.save()
        return instance

    def make_row(self, slug: str, *, kind: InstanceKind = InstanceKind.PRODUCTION) -> Instance:
        """Return a new instance's row, on a small plan and a release of stand-in images."""
        if kind is InstanceKind.PRODUCTION:
            instance = make_instance_row(slug, engine=ENGINE)
        else:
            instance = Instance.objects.get(identifier=slug)
            instance.pk, instance._state.adding, instance.kind = None, True, kind.value
            instance.identifier, instance.host = f"{slug}-{kind.value}", f"www.{kind.value}.{slug}.example.org"
            instance.state, instance.url = InstanceState.NEW.value, ""
        instance.release = make_release_row("standin-1")
        instance.secrets, instance.state = make_secrets(), InstanceState.NEW.value
        instance.save()
        make_small(instance.plan)
        return instance

    def provision(self, instance: Instance) -> Operation:
        """Bring the instance up from nothing."""
        operation = self.run(OperationKind.PROVISION, instance)
        self.secrets[instance.identifier] = instance.secrets
        return operation

    def run(
        self,
        kind: str,
        instance: Instance,
        *,
        expected: OperationState = OperationState.SUCCEEDED,
        between: Between = lambda _operation: None,
        **asked: object,
    ) -> Operation:
        """Ask for an operation and work on it to its end, which must be `expected`. `between`: called before each of
        the worker's turns."""
        operation = request_operation(kind=kind, instance=instance, requested_by="test", parameters=asked)
        finish(operation, between=between)
        assert operation.state == expected, describe(operation)
        instance.refresh_from_db()
        return operation

    def execute(self, instance: Instance, sql: str, *, database: str = "civicrm") -> str:
        """Run statements as the instance's own account in its server's pod; return the rows, tab-separated."""
        password = f"MYSQL_PWD={instance.secrets['db_password']}"
        command = ("env", password, "mysql", "-uexploitant", "--default-character-set=utf8mb4", "-N", "-B", database)
        return self.run_in(instance, "db", "db", *command, "-e", sql)

    def run_in(self, instance: Instance, server: str, container: str, *command: str) -> str:
        """Run a command in a server's pod."""
        pod = f"paroisse-set-{server}-0"
        return self.cluster.kubectl("exec", pod, "-c", container, "--", *command, namespace=instance.identifier)

    def shell(self, instance: Instance, script: str) -> str:
        """Run a shell script where the instance's files are."""
        return self.run_in(instance, "httpd", "https", "bash", "-c", script)

    def read_content(self, instance: Instance) -> dict[str, str]:
        """Return what the instance holds: a checksum of every table, and of every file with its owner and mode."""
        content = {}
        for database in DATABASES:
            tables = self.execute(
                instance,
                "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
                f" AND table_schema = '{database}' ORDER BY 1",
            ).split()
            # Emptied by a restore on purpose.
            still = [table for table in tables if "cache" not in table and table not in CRON_S_TABLES]
            kept = ", ".join(f"`{table}`" for table in still)
            content[database] = self.execute(instance, f"CHECKSUM TABLE {kept}", database=database)
        listing = f"find . -type f -regextype posix-extended -not -regex '.*/({CACHES})/.*'"
        for tree in ("/app/web/sites", "/app/private"):
            script = f"cd {tree} && {listing} -printf '%p %U %G %m ' -exec sha256sum {{}} \\; | sort"
            content[tree] = self.shell(instance, script)
        return content

    def read_page(self, instance: Instance) -> str:
        """Read the page through its Service by TLS 1.3, verified by the instance's own authority for its host."""
        secret = self.cluster.get("secret", "externca", namespace=instance.identifier)
        service = self.cluster.get("service", "civicrmhttpd", namespace=instance.identifier)
        return read_page(service["spec"]["clusterIP"], instance.host, secret["data"])


def make_small(plan: Plan) -> None:
    """Make it a plan of which several instances fit on a machine of two cores."""
    for container in PlanContainer.objects.filter(plan=plan, cpu_request_millicores__gt=100):
        container.cpu_request_millicores //= 10
        container.save()


def make_release_row(name: str, *, civicrm: str = "5.61.1", **changes: str) -> Release:
    """Return the row of a release of stand-in images. `changes`: see make_standin_release."""
    release = make_standin_release(name, **changes)
    defaults = {"images": dict(release.images), "versions": {**release.versions, "civicrm": civicrm}}
    row, _created = Release.objects.update_or_create(name=name, defaults=defaults)
    return row


def finish(operation: Operation, *, between: Between = lambda _operation: None) -> None:
    """Work on the operation until it has ended, as a worker would."""
    deadline = time.monotonic() + OPERATION_SECONDS
    while operation.state not in ENDED_OPERATION_STATES:
        assert time.monotonic() < deadline, f"it does not end: {describe(operation)}"
        between(operation)
        next_run_at = run_operation(operation.public_id, clock=timezone.now)
        operation.refresh_from_db()
        if next_run_at is not None:
            time.sleep(max(0.0, (next_run_at - timezone.now()).total_seconds()))


def describe(operation: Operation) -> str:
    """Return what an operator would read about an operation."""
    events = OperationEvent.objects.filter(operation=operation).values_list("message", flat=True)
    error: Any = operation.error_params
    return "\n".join([f"{operation} {operation.state} {operation.error_code} {error}", *events])
