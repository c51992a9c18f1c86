"""Real parishes for tests: rows that fit instances of a real local engine, what is in them, and how it is damaged."""

import hashlib
import os
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.utils import timezone

from domain.specs import DATABASE_USER, DATABASES, Component, InstanceKind
from domain.states import ENDED_OPERATION_STATES, InstanceState, OperationKind, OperationState
from engine.database_client import TenantDatabase
from engine.local.engine import LocalEngine
from operations.models import Operation, OperationEvent
from operations.requests import request_operation
from operations.runner import run_operation
from tenants.models import Instance
from tenants.specs import make_secrets
from tests.local_engines import wait_until
from tests.rows import make_instance_row

ENGINE = "real"
OPERATION_SECONDS = 600
TREES = ("files", "private")
# Emptied by a restore on purpose: made anew from the data (programs/sites/caches.py).
CACHES = ("templates_c", "css", "js", "php")


@dataclass(frozen=True)
class Content:
    """What an instance holds: (database, kind of object) -> objects, and path -> what is there."""

    databases: dict[str, object]
    files: dict[str, str]


@dataclass
class Parishes:
    """The instances of one module's engine. Rows live as long as a test, instances as long as the module."""

    engine: LocalEngine
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, slug: str = "saint-paul", *, kind: InstanceKind = InstanceKind.PRODUCTION) -> Instance:
        """Return an active instance, provisioned the first time, with a fresh row; the parish's production first."""
        if kind is InstanceKind.PRODUCTION:
            instance = make_instance_row(slug, engine=ENGINE)
        else:
            instance = Instance.objects.get(identifier=slug)
            instance.pk, instance._state.adding, instance.kind = None, True, kind.value
            instance.identifier, instance.host = f"{slug}-{kind.value}", f"www.{kind.value}.{slug}.example.org"
        known = instance.identifier in self.secrets
        instance.secrets = self.secrets.setdefault(instance.identifier, make_secrets())
        instance.state = InstanceState.ACTIVE.value if known else InstanceState.NEW.value
        instance.save()
        if not known:
            self.run(OperationKind.PROVISION, instance)
        return instance

    def run(
        self,
        kind: str,
        instance: Instance,
        *,
        expected: OperationState = OperationState.SUCCEEDED,
        **asked: object,
    ) -> Operation:
        """Ask for an operation and work on it to its end, which must be `expected`."""
        operation = request_operation(kind=kind, instance=instance, requested_by="test", parameters=asked)
        finish(operation)
        events = "\n".join(OperationEvent.objects.filter(operation=operation).values_list("message", flat=True))
        assert operation.state == expected, f"{operation.error_code} {operation.error_params}\n{events}"
        instance.refresh_from_db()
        return operation

    def directory(self, instance: Instance) -> Path:
        """Return where the instance lies."""
        return self.engine.root / "instances" / instance.identifier

    def open_database(self, instance: Instance) -> TenantDatabase:
        """Return the instance's own account on its server."""
        endpoint = self.engine.observe(instance.identifier).database
        assert endpoint is not None
        return TenantDatabase(endpoint, DATABASE_USER, instance.secrets["db_password"])

    def execute(self, instance: Instance, *statements: str) -> None:
        """Run statements on the instance's server."""
        with self.open_database(instance)._cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def write_file(self, instance: Instance, name: str, content: bytes) -> None:
        """Write a file of the instance ("files/…", "private/…") as its servers would."""
        path = self.directory(instance) / name
        path.write_bytes(content)
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)

    def read(self, instance: Instance) -> Content:
        """Return all that the instance holds. Its database server must run."""
        database = self.open_database(instance)
        databases: dict[str, object] = {}
        for name in DATABASES:
            databases[f"{name} inventory"] = database.read_inventory(name)
            databases[f"{name} rows"] = database.count_rows(name)
            databases[f"{name} checksums"] = database.compute_checksums(name)
        files = {}
        for tree in TREES:
            root = self.directory(instance) / tree
            for path in sorted(root.rglob("*")):
                if not set(path.relative_to(root).parts) & set(CACHES):
                    files[f"{tree}/{path.relative_to(root)}"] = _describe(path)
        return Content(databases, files)

    def check_running(self, instance: Instance, expected: frozenset[Component]) -> None:
        """Wait until the components that are ready are these. Raise AssertionError when it does not come true."""
        name = instance.identifier
        wait_until(lambda: self._list_ready(name) == expected, f"{sorted(expected)} of {name} are ready, nothing else")

    def _list_ready(self, name: str) -> frozenset[Component]:
        components = self.engine.observe(name).components
        return frozenset(one for one, component in components.items() if component.phase.value == "ready")


def finish(operation: Operation) -> None:
    """Work on the operation until it has ended, as a worker would."""
    deadline = time.monotonic() + OPERATION_SECONDS
    while operation.state not in ENDED_OPERATION_STATES:
        assert time.monotonic() < deadline, f"{operation} does not end: {operation.message}"
        next_run_at = run_operation(operation.public_id, clock=timezone.now)
        operation.refresh_from_db()
        if next_run_at is not None:
            time.sleep(max(0.0, (next_run_at - timezone.now()).total_seconds()))


def _describe(path: Path) -> str:
    status = path.lstat()
    mode = f"{stat.S_IMODE(status.st_mode):o} {status.st_uid}"
    if path.is_symlink():
        return f"link {os.readlink(path)}"
    if path.is_dir():
        return f"directory {mode}"
    return f"file {mode} {hashlib.sha256(path.read_bytes()).hexdigest()}"
