"""The embedded default: each instance as real processes of this machine. No state but files and processes."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from domain.desired_state import make_desired_state
from domain.errors import CiviparoisseError, NotFound
from domain.findings import Drift
from domain.fleet import Adoptable, ObservedFleet, ScheduledRun, UsageSample, VolumeSize
from domain.specs import (
    Component,
    InstanceSpec,
    JobPhase,
    JobSpec,
    JobStatus,
    ObservedInstance,
    ObservedVisits,
    ProbeResult,
)
from engine.local.accounts import Account, write_file
from engine.local.apache import make_apache_command, make_apache_configuration, make_php_settings
from engine.local.closed_site import make_closed_server
from engine.local.db_server import make_db_command, make_db_configuration
from engine.local.fleet import observe_machine
from engine.local.image import ensure_image
from engine.local.jobs import ended_supervised, forget_secrets, prune_jobs, read_status, start_job
from engine.local.layout import Layout, check_paths, check_reach, ensure_directories, make_layout
from engine.local.locks import instance_lock
from engine.local.observation import is_marked, is_taken, observe_instance
from engine.local.own_accounts import ensure_account, hand_over, read_owner
from engine.local.ports import ensure_ports, read_claims
from engine.local.probe import read_page
from engine.local.purge import purge
from engine.local.servers import SERVERS_IN_STOP_ORDER, Server, end_processes, ensure_running, ensure_stopped
from engine.local.settings_port import renew_database_port
from engine.local.usage import measure_usage
from engine.local.vendor import find_database_programs, find_web_programs
from engine.local.visits import read_visits
from engine.redaction import list_secret_values
from engine.visits import look_at_visits

# Above people's accounts, below what systemd and containers take for themselves (docs/security.md).
ACCOUNT_NUMBERS = range(50000, 60000)
PORT_USES = (Component.DB.value, Component.HTTPD.value)


class LocalEngine:
    """Runs instances below `root`. `ports`: where their servers listen, two each; `account`: name of the one that
    all run as when the manager is root; None: each has its own, a number of `numbers`. An ordinary user runs them
    itself."""

    name = "local"
    runs_schedules = False
    poll_seconds = 0.5
    deletion_grace_seconds = 0

    def __init__(self, root: Path, *, ports: range, account: str | None, numbers: range = ACCOUNT_NUMBERS) -> None:
        self.root = root.resolve()
        self.ports = ports
        self.shared_account = account
        self.numbers = numbers

    def apply(self, spec: InstanceSpec) -> ObservedInstance:
        """See Engine.apply."""
        layout = make_layout(self.root, spec.identifier)
        check_paths(layout)
        with instance_lock(self.root, spec.identifier):
            if spec.is_made and not observe_instance(layout).exists:
                raise CiviparoisseError("instance_lost", instance=spec.identifier, missing=str(layout.directory))
            account = ensure_account(layout, shared=self.shared_account, numbers=self.numbers)
            check_reach(layout, account)
            hand_over(layout, account)
            ensure_directories(layout, account)
            servers = self._write_configuration(spec, layout, account)
            wanted = spec.components if is_marked(layout) else frozenset()
            closed = self._make_closed_server(spec, layout, account)
            for component in SERVERS_IN_STOP_ORDER:
                if closed is not None and component is closed.component:
                    ensure_running(layout, closed, account)
                elif component not in wanted:
                    ensure_stopped(layout, component)
            for server in servers:
                if server.component in wanted:
                    ensure_running(layout, server, account)
        return observe_instance(layout)

    def _make_closed_server(self, spec: InstanceSpec, layout: Layout, account: Account) -> Server | None:
        """Return what answers visitors in the web server's place; None where it runs, or nothing is shown."""
        if spec.closed_page is None or Component.HTTPD in spec.components:
            return None
        port = read_claims(self.root, spec.identifier)[Component.HTTPD.value]
        return make_closed_server(spec, spec.closed_page, layout, account, port=port)

    def observe(self, identifier: str) -> ObservedInstance:
        """See Engine.observe."""
        return observe_instance(make_layout(self.root, identifier))

    def observe_fleet(self) -> ObservedFleet:
        """See Engine.observe_fleet."""
        return observe_machine(self.root, now=datetime.now(UTC))

    def observe_usage(self) -> tuple[UsageSample, ...]:
        """See Engine.observe_usage. Takes half a second, whatever the number of instances."""
        return measure_usage(self.root, now=datetime.now(UTC))

    def list_drift(self, specs: Sequence[InstanceSpec]) -> Mapping[str, tuple[Drift, ...]]:  # noqa: ARG002 - the port's
        """See Engine.list_drift: configuration is written whole at every start."""
        return {}

    def list_scheduled_runs(self, identifier: str) -> tuple[ScheduledRun, ...]:
        """See Engine.list_scheduled_runs."""
        make_layout(self.root, identifier)
        return ()

    def suspend(self, spec: InstanceSpec) -> ObservedInstance:
        """See Engine.suspend."""
        return self.apply(dataclasses.replace(spec, components=frozenset()))

    def resume(self, spec: InstanceSpec) -> ObservedInstance:
        """See Engine.resume."""
        return self.apply(spec)

    def run_job(self, spec: InstanceSpec, job: JobSpec) -> JobStatus:
        """See Engine.run_job. Raise NotFound for an instance that was never applied."""
        layout, secrets = make_layout(self.root, spec.identifier), (*job.secrets.values(), *list_secret_values(spec))
        status = read_status(layout, job, secrets)
        if status is None:
            with instance_lock(self.root, spec.identifier):
                claims = read_claims(self.root, spec.identifier)
                if not layout.state.exists() or Component.DB.value not in claims:
                    raise NotFound(what="instance", name=spec.identifier)
                prune_jobs(layout)
                account = read_owner(layout.path("secrets"))
                start_job(spec, job, layout, port=claims[Component.DB.value], account=account)
            status = read_status(layout, job, secrets)
        if status is None:
            return JobStatus(name=job.name, phase=JobPhase.RUNNING)
        if status.phase is not JobPhase.RUNNING:
            forget_secrets(layout, job.name)
        if status.phase is not JobPhase.RUNNING and not ended_supervised(layout, job.name):
            # A killed supervisor may leave processes; a run is over only once nothing of it can still write.
            with instance_lock(self.root, spec.identifier):
                end_processes(layout, f"jobs/{job.name}")
        return status

    def cancel_job(self, identifier: str, name: str) -> None:
        """See Engine.cancel_job."""
        layout = make_layout(self.root, identifier)
        if layout.job(name).is_dir():
            with instance_lock(self.root, identifier):
                end_processes(layout, f"jobs/{name}")
            forget_secrets(layout, name)

    def make_tools_command(self, identifier: str, name: str) -> str:  # noqa: ARG002 - there is none to enter
        """See Engine.make_tools_command. Raise CiviparoisseError `tools_on_machine`."""
        layout = make_layout(self.root, identifier)
        raise CiviparoisseError(
            "tools_on_machine", instance=identifier, directory=str(layout.path("files")), socket=str(layout.socket)
        )

    def probe(self, spec: InstanceSpec) -> ProbeResult:
        """See Engine.probe."""
        port = read_claims(self.root, spec.identifier).get(Component.HTTPD.value)
        if port is None:
            return ProbeResult(ok=False, seconds=0.0, detail="it has no port")
        return read_page(port, host=spec.host, expected=spec.site.parish_name)

    def observe_visits(self, spec: InstanceSpec, *, since: datetime) -> ObservedVisits:
        """See Engine.observe_visits."""
        layout = make_layout(self.root, spec.identifier)
        return look_at_visits(
            lambda: self.probe(spec),
            lambda moment: read_visits(layout, since=moment, now=datetime.now(UTC)),
            instance=spec.identifier,
            since=since,
        )

    def delete(self, identifier: str, *, keep_backups: bool) -> ObservedInstance:
        """See Engine.delete."""
        layout = make_layout(self.root, identifier)
        with instance_lock(self.root, identifier) as lock:
            purge(layout, keep_backups=keep_backups)
            lock.unlink()
        return observe_instance(layout)

    def observe_volumes(self, identifier: str) -> Mapping[str, VolumeSize]:
        """See Engine.observe_volumes: directories have no size of their own."""
        del identifier
        return {}

    def find_sets_directory(self, identifier: str) -> Path | None:
        """See Engine.find_sets_directory."""
        return make_layout(self.root, identifier).path("backups")

    def release_schedules(self, spec: InstanceSpec) -> None:
        """See Engine.release_schedules: the manager starts each run."""

    def look_at_adoptable(self, spec: InstanceSpec) -> Adoptable | None:
        """See Engine.look_at_adoptable: nobody else makes instances on this machine."""
        del spec
        return None

    def adopt(self, identifier: str, *, holder: str) -> None:
        """See Engine.adopt: nobody else makes instances on this machine."""

    def remove_volume(self, name: str) -> None:
        """See Engine.remove_volume: directories go with their instance, there is never one to remove."""

    def _write_configuration(self, spec: InstanceSpec, layout: Layout, account: Account) -> tuple[Server, Server]:
        """Write secrets, desired state and both servers' configurations; return the servers, in their start order."""
        db_programs, web_programs = find_database_programs(), find_web_programs()
        before = read_claims(self.root, spec.identifier)
        taken = [port for use, port in before.items() if is_taken(layout, use, port)]
        ports = ensure_ports(self.root, spec.identifier, PORT_USES, self.ports, taken=taken)
        db_before = before.get(Component.DB.value, ports[Component.DB.value])
        renew_database_port(layout, account, before=db_before, after=ports[Component.DB.value])
        for field in dataclasses.fields(spec.secrets):
            value = getattr(spec.secrets, field.name)
            write_file(layout.secret(field.name), value, account, mode=0o400, owned=True)
        write_file(layout.state, make_desired_state(spec), account, mode=0o640)
        web = ensure_image(self.root, "standin") / "standin" / "web"
        db_text = make_db_configuration(spec, layout, ports[Component.DB.value], db_programs)
        httpd_text = make_apache_configuration(
            spec, layout, ports[Component.HTTPD.value], web=web, programs=web_programs
        )
        write_file(layout.path("config") / "my.cnf", db_text, account, mode=0o640)
        write_file(layout.path("config") / "httpd.conf", httpd_text, account, mode=0o640)
        write_file(layout.path("config") / "php.ini", make_php_settings(), account, mode=0o640)
        db = Server(
            component=Component.DB,
            argv=make_db_command(layout, db_programs),
            configuration=db_text,
            resources=spec.plan.containers["db"],
            # Without a cgroup no limit: measured, MariaDB 10.11 maps 230 MB of data (8 TB of addresses) for 68 MB in
            # use, and a large packet that cannot be allocated would stop it.
            data_bytes=0,
        )
        httpd = Server(
            component=Component.HTTPD,
            argv=make_apache_command(layout, web_programs),
            configuration=httpd_text + make_php_settings(),
            resources=spec.plan.containers["httpd"],
            data_bytes=spec.plan.containers["httpd"].memory_limit_bytes,
        )
        return db, httpd
