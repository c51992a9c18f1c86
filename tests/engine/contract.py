"""What every engine must do, whatever it runs instances on. Subclass, and give the three fixtures."""

import dataclasses
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta

import pymysql
import pytest

from domain.errors import InvalidValue, NotFound
from domain.reservations import NOTHING
from domain.specs import Component, ComponentPhase, InstanceSpec, JobPhase, JobProgram, JobSpec, ObservedInstance
from engine.base import Engine
from engine.database_client import TenantDatabase
from tests.builders import make_spec
from tests.local_engines import make_job, provision, run_to_end, wait_for_components, wait_until

Factory = Callable[[], Engine]
RACERS = 4


def run_job_elsewhere(factory: Factory, spec: InstanceSpec, job: JobSpec) -> str:
    """Run in another process: ask for the job and return its phase."""
    return factory().run_job(spec, job).phase.value


def list_visible_databases(database: TenantDatabase) -> list[str]:
    """Return the databases on which an account has rights, the server's own left out."""
    way = {"host": database.endpoint.host, "port": database.endpoint.port}
    if database.endpoint.socket is not None:
        way = {"unix_socket": database.endpoint.socket}
    with pymysql.connect(**way, user=database.user, password=database.password.encode()) as connection:
        cursor = connection.cursor()
        cursor.execute("SHOW DATABASES")
        names = [name for (name,) in cursor.fetchall()]
    return sorted(set(names) - {"information_schema", "performance_schema", "mysql", "sys"})


def connect(observed: ObservedInstance, spec: InstanceSpec, *, host: str = "") -> TenantDatabase:
    """Return the instance's own account on its own server. `host`: where it is reached from here, if not there."""
    assert observed.database is not None
    endpoint = dataclasses.replace(observed.database, socket=None)
    endpoint = dataclasses.replace(endpoint, host=host or endpoint.host)
    return TenantDatabase(endpoint, "exploitant", spec.secrets.db_password)


class EngineContract:
    """Fixtures of a subclass, of class scope: `factory` (picklable, a new engine on the same place each time),
    `engine`, and `spec`, an instance that is provisioned and runs."""

    def make_spec(self, identifier: str) -> InstanceSpec:
        """Return another instance that the engine can run."""
        return make_spec(identifier)

    def find_host(self, identifier: str) -> str:
        """Return where the instance's database is reached from here. Empty: where the engine says."""
        del identifier
        return ""

    def connect(self, engine: Engine, spec: InstanceSpec) -> TenantDatabase:
        """Return the instance's own account on its own server."""
        return connect(engine.observe(spec.identifier), spec, host=self.find_host(spec.identifier))

    def visit(self, engine: Engine, spec: InstanceSpec) -> None:
        """Read the instance's page as somebody does who is not the manager."""
        raise NotImplementedError

    def purge(self, engine: Engine, spec: InstanceSpec) -> None:
        """Delete an instance with all it has, as its operation does: asked again until nothing is left."""
        name = spec.identifier
        wait_until(lambda: engine.delete(name, keep_backups=False).remains == (), f"nothing is left of {name}")
        assert not engine.observe(name).exists

    def observe_running(self, engine: Engine, spec: InstanceSpec) -> ObservedInstance:
        """Return the first look that sees exactly its components ready."""
        looks: list[ObservedInstance] = []

        def look() -> bool:
            looks.append(engine.observe(spec.identifier))
            return looks[-1].is_running(spec.components)

        wait_until(look, f"{spec.identifier} runs")
        return looks[-1]

    def wait_until_unmoved(self, engine: Engine, before: ObservedInstance) -> None:
        """Wait until its components are seen as they were: one that was started anew never is, a slow one will be."""
        name = before.identifier
        wait_until(lambda: engine.observe(name).components == before.components, f"the servers of {name} are the same")

    def test_an_unknown_identifier_is_not_an_error(self, engine: Engine) -> None:
        observed = engine.observe("never-seen")
        assert not observed.exists
        assert observed.remains == ()

    def test_an_identifier_that_is_a_path_is_refused(self, engine: Engine) -> None:
        for identifier in ("../saint-paul", "", "a/b", "A", "-a", "a" * 64):
            with pytest.raises(InvalidValue):
                engine.observe(identifier)

    def test_a_job_of_an_unknown_instance_is_refused(self, engine: Engine) -> None:
        with pytest.raises(NotFound):
            engine.run_job(make_spec("never-seen"), make_job("cron-1", JobProgram.CRON))

    def test_the_page_shows_the_parish_name(self, engine: Engine, spec: InstanceSpec) -> None:
        result = engine.probe(spec)
        assert result.ok, result.detail

    def test_the_page_of_another_parish_is_noticed(self, engine: Engine, spec: InstanceSpec) -> None:
        site = dataclasses.replace(spec.site, parish_name="Paroisse d'ailleurs")
        assert not engine.probe(dataclasses.replace(spec, site=site)).ok

    def test_a_visit_is_seen_and_the_manager_s_own_look_is_none(self, engine: Engine, spec: InstanceSpec) -> None:
        began = datetime.now(UTC)
        # Of the second before somebody may have asked too: a log has no fractions.
        wait_until(lambda: datetime.now(UTC) - began > timedelta(seconds=1), "another second has begun")
        since = datetime.now(UTC)
        assert engine.probe(spec).ok
        quiet = engine.observe_visits(spec, since=since)
        assert (quiet.is_counted, quiet.visited_at) == (True, None)
        self.visit(engine, spec)
        seen = engine.observe_visits(spec, since=since)
        assert seen.is_counted and seen.visited_at is not None
        first_seen = seen.visited_at
        assert since.replace(microsecond=0) <= first_seen <= datetime.now(UTC)
        again = engine.observe_visits(spec, since=since)
        assert again.is_counted and again.visited_at is not None and again.visited_at >= first_seen
        assert engine.observe_visits(spec, since=first_seen + timedelta(seconds=1)).visited_at is None

    def test_a_second_apply_changes_nothing(self, engine: Engine, spec: InstanceSpec) -> None:
        before = self.observe_running(engine, spec)
        assert before.initialised
        after = engine.apply(spec)
        assert after.database == before.database
        self.wait_until_unmoved(engine, before)

    def test_the_fleet_holds_the_instance_its_pods_and_its_volumes(self, engine: Engine, spec: InstanceSpec) -> None:
        own = spec.identifier
        wait_for_components(engine, spec)
        # Two looks: a server that is asked while the machine is busy may seem to be starting in one of them.
        wait_until(lambda: engine.observe_fleet().instances[own] == engine.observe(own), "both looks see the same")
        fleet = engine.observe_fleet()
        assert "never-seen" not in fleet.instances
        nodes = {node.name: node.allocatable for node in fleet.nodes}
        assert all(allocatable > NOTHING for allocatable in nodes.values())
        holding = [pod for pod in fleet.pods if pod.instance == spec.identifier and pod.ended_at is None]
        servers = {pod.component: pod for pod in holding if not pod.job}
        assert set(servers) >= {"db", "httpd"}
        for name in ("db", "httpd"):
            asked, held = spec.plan.containers[name], servers[name].reserved
            assert (
                held.memory_bytes >= asked.memory_request_bytes and held.cpu_millicores >= asked.cpu_request_millicores
            )
            assert servers[name].node in nodes and servers[name].started_at is not None
            assert servers[name].started_at <= fleet.at
        volumes = [volume for volume in fleet.volumes if volume.instance == spec.identifier]
        sizes = ("db_volume_bytes", "files_volume_bytes", "private_volume_bytes", "backups_volume_bytes")
        assert sorted(volume.capacity_bytes for volume in volumes) == sorted(getattr(spec.plan, name) for name in sizes)

    def test_usage_is_of_what_runs(self, engine: Engine, spec: InstanceSpec) -> None:
        """Where nothing measures, there is nothing; what there is names the plan's containers."""
        samples = [sample for sample in engine.observe_usage() if sample.instance == spec.identifier]
        assert {sample.container for sample in samples} <= set(spec.plan.containers)
        for sample in samples:
            assert sample.memory_bytes > 0 and sample.cpu_millicores >= 0

    def test_schedules_run_by_themselves_or_not_at_all(self, engine: Engine, spec: InstanceSpec) -> None:
        assert engine.list_scheduled_runs("never-seen") == ()
        runs = engine.list_scheduled_runs(spec.identifier)
        assert engine.runs_schedules or runs == ()

    def test_suspend_and_resume_keep_the_data(self, engine: Engine, spec: InstanceSpec) -> None:
        sums = self.connect(engine, spec).compute_checksums("civicrm")
        engine.suspend(spec)
        wait_until(lambda: engine.observe(spec.identifier).is_running(frozenset()), "it is suspended")
        engine.resume(spec)
        wait_for_components(engine, spec)
        assert self.connect(engine, spec).compute_checksums("civicrm") == sums
        assert engine.probe(spec).ok

    def test_one_component_can_be_stopped_alone(self, engine: Engine, spec: InstanceSpec) -> None:
        without_page = dataclasses.replace(spec, components=frozenset({Component.DB}))
        engine.apply(without_page)
        wait_for_components(engine, without_page)
        assert engine.observe(spec.identifier).components[Component.HTTPD].phase is ComponentPhase.STOPPED
        assert not engine.probe(spec).ok
        engine.apply(spec)
        wait_for_components(engine, spec)

    def test_a_job_runs_once_however_many_ask(self, engine: Engine, factory: Factory, spec: InstanceSpec) -> None:
        database = self.connect(engine, spec)
        before = database.count_rows("civicrm")["civicrm_job_log"]
        job = make_job("cron-raced", JobProgram.CRON)
        with ProcessPoolExecutor(RACERS, mp_context=multiprocessing.get_context("spawn")) as pool:
            runs = [pool.submit(run_job_elsewhere, factory, spec, job) for _ in range(3 * RACERS)]
            phases = {run.result(timeout=180) for run in runs}
        assert phases <= {"running", "succeeded"}
        assert run_to_end(engine, spec, job).phase is JobPhase.SUCCEEDED
        assert database.count_rows("civicrm")["civicrm_job_log"] == before + 2  # one line for each of its two jobs

    def test_a_job_of_another_name_runs_again(self, engine: Engine, spec: InstanceSpec) -> None:
        for name in ("cron-a", "cron-b"):
            status = run_to_end(engine, spec, make_job(name, JobProgram.CRON))
            assert status.phase is JobPhase.SUCCEEDED
            assert status.started_at is not None and status.ended_at is not None
            assert status.started_at <= status.ended_at

    def test_a_failing_program_reports_its_own_error(self, engine: Engine, spec: InstanceSpec) -> None:
        job = make_job("verify-nothing", JobProgram.VERIFY, set_of=spec.identifier, BACKUP_ID="20261121T080000Z-000000")
        status = run_to_end(engine, spec, job)
        assert status.phase is JobPhase.FAILED
        assert status.result is not None
        assert status.result["error"]["code"]

    def test_cancelling_what_does_not_run_is_ignored(self, engine: Engine, spec: InstanceSpec) -> None:
        engine.cancel_job(spec.identifier, "never-asked")
        engine.cancel_job("never-seen", "never-asked")

    def test_a_volume_that_is_not_there_is_removed(self, engine: Engine) -> None:
        engine.remove_volume("never-seen")

    def test_init_never_wipes_an_initialised_instance(self, engine: Engine, spec: InstanceSpec) -> None:
        rows = self.connect(engine, spec).count_rows("civicrm")
        assert run_to_end(engine, spec, make_job("init-again", JobProgram.INIT)).phase is JobPhase.SUCCEEDED
        assert self.connect(engine, spec).count_rows("civicrm") == rows

    def test_two_instances_do_not_see_each_other(self, engine: Engine, spec: InstanceSpec) -> None:
        """And a deleted one leaves nothing, while its neighbour does not notice."""
        other = self.make_spec("saint-jean")
        provision(engine, other)
        mine, theirs = self.observe_running(engine, spec), self.observe_running(engine, other)
        hosts = self.find_host(spec.identifier), self.find_host(other.identifier)
        assert connect(mine, spec, host=hosts[0]).is_ready() and connect(theirs, other, host=hosts[1]).is_ready()
        assert not connect(theirs, spec, host=hosts[1]).is_ready()
        assert not connect(mine, other, host=hosts[0]).is_ready()
        self.purge(engine, other)
        assert engine.delete(other.identifier, keep_backups=False).remains == ()
        self.wait_until_unmoved(engine, mine)
        assert engine.probe(spec).ok

    def test_a_job_beyond_its_deadline_is_killed_and_init_starts_again(self, engine: Engine) -> None:
        """A killed init is never taken for a good one (docs/traps.md#half-failed-init)."""
        other = self.make_spec("sainte-marie")
        engine.apply(other)
        late = run_to_end(engine, other, make_job("init-1", JobProgram.INIT, deadline=0))
        assert late.phase is JobPhase.FAILED
        assert late.result is not None and late.result["error"]["code"] == "deadline_exceeded"
        observed = engine.apply(other)
        assert not observed.initialised
        assert observed.is_running(frozenset())
        cancelled = make_job("init-2", JobProgram.INIT)
        engine.run_job(other, cancelled)
        wait_until(lambda: engine.run_job(other, cancelled).progress > 0, "init has begun")
        engine.cancel_job(other.identifier, cancelled.name)
        assert run_to_end(engine, other, cancelled).phase is JobPhase.LOST
        assert run_to_end(engine, other, make_job("init-3", JobProgram.INIT)).phase is JobPhase.SUCCEEDED
        engine.apply(other)
        wait_for_components(engine, other)
        assert engine.probe(other).ok
        wait_until(lambda: engine.delete(other.identifier, keep_backups=True).remains == (), "it is deleted")
        self.purge(engine, other)
