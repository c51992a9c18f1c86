"""An init that ended well has not succeeded before its data was looked at (docs/traps.md#half-failed-init)."""

import copy
import dataclasses
from datetime import timedelta

import pytest

from domain.cluster import ClusterSettings
from domain.specs import JobPhase, JobProgram, JobSpec, JobStatus
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.jobs import make_job_reference, run_job
from engine.kubernetes.proof import START_SECONDS, ensure_database, fail, judge, make_inspection, note_proven
from engine.kubernetes.records import read_namespace
from engine.kubernetes.run_context import RunContext
from manifests.jobs import compute_job_name
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import NAMESPACE, NOW, end_job, make_ended_pod, run_server

SPEC = make_spec(NAMESPACE, components=frozenset())
INIT = JobSpec(name="init-op-1-1", program=JobProgram.INIT, environment={}, deadline_seconds=600)
CHECK = compute_job_name("init-op-1-1-proof")
COMPLETE = {"ok": True, "complete": True, "missing": [], "tables": {"civicrm": 3}, "civicrm_version": "5.61.1"}
INCOMPLETE = {"ok": True, "complete": False, "missing": ["tables of civilog", "settings.php"]}
ENDED = JobStatus(name="x", phase=JobPhase.SUCCEEDED, result={"ok": True}, ended_at=NOW)


@pytest.fixture
def context(engine: KubernetesEngine, settings: ClusterSettings) -> RunContext:
    engine.apply(SPEC)
    return RunContext(engine.client, settings, SPEC, INIT, lambda: NOW)


def run_init(api: FakeApi, context: RunContext) -> None:
    """The init's container ends well, and the database's pod comes when it is asked for."""
    run_job(context)
    end_job(api, INIT.name)
    api.put(make_ended_pod("i-1", "init", job=INIT.name))
    assert run_job(context).message.startswith("starting the database server")
    run_server(api, "db")
    assert run_job(context).message == "looking at the data"


def test_an_init_succeeds_once_its_data_was_proven(api: FakeApi, context: RunContext) -> None:
    run_init(api, context)
    record = read_namespace(context.client, NAMESPACE)
    assert record is not None and not record.initialised
    end_job(api, CHECK)
    api.put(make_ended_pod("c-1", "inspect", job=CHECK, message=COMPLETE))
    status = run_job(context)
    assert status.phase is JobPhase.SUCCEEDED
    assert status.result == {"ok": True, "tables": {"civicrm": 3}, "civicrm_version": "5.61.1"}
    record = read_namespace(context.client, NAMESPACE)
    assert record is not None and record.initialised
    assert not _is_kept(context), "its log shows every password"
    assert run_job(context) == status


def test_a_proven_init_whose_log_was_left_goes_at_the_next_look(api: FakeApi, context: RunContext) -> None:
    run_init(api, context)
    left = copy.deepcopy(api.get("Job", INIT.name, NAMESPACE))
    end_job(api, CHECK)
    api.put(make_ended_pod("c-1", "inspect", job=CHECK, message=COMPLETE))
    status = run_job(context)
    api.put(left)
    assert run_job(context) == status and not _is_kept(context)


def _is_kept(context: RunContext) -> bool:
    return context.client.get(make_job_reference(NAMESPACE, context.key), instance=NAMESPACE) is not None


def test_an_init_that_made_nothing_fails_and_its_database_stops(api: FakeApi, context: RunContext) -> None:
    run_init(api, context)
    end_job(api, CHECK)
    api.put(make_ended_pod("c-1", "inspect", job=CHECK, message=INCOMPLETE))
    status = run_job(context)
    assert status.phase is JobPhase.FAILED and status.result is not None
    assert status.result["error"]["code"] == "init_incomplete"
    assert "tables of civilog, settings.php" in status.result["error"]["message"]
    assert api.get("StatefulSet", "paroisse-set-db", NAMESPACE)["spec"]["replicas"] == 0
    record = read_namespace(context.client, NAMESPACE)
    assert record is not None and not record.initialised


def test_a_server_that_does_not_start_ends_the_wait(context: RunContext, settings: ClusterSettings) -> None:
    early = ensure_database(context.client, SPEC, settings, ENDED, now=NOW)
    assert early is not None and early.phase is JobPhase.RUNNING
    later = NOW + timedelta(seconds=START_SECONDS + 1)
    late = ensure_database(context.client, SPEC, settings, ENDED, now=later)
    assert late is not None and late.phase is JobPhase.FAILED and "did not start" in late.message


def test_a_second_init_that_goes_wrong_stops_nothing(api: FakeApi, context: RunContext) -> None:
    note_proven(context.client, NAMESPACE, now=NOW)
    run_init(api, context)
    end_job(api, CHECK)
    api.put(make_ended_pod("c-1", "inspect", job=CHECK, message=INCOMPLETE))
    assert run_job(context).phase is JobPhase.FAILED and _is_kept(context), "to be looked at"
    assert api.get("StatefulSet", "paroisse-set-db", NAMESPACE)["spec"]["replicas"] == 1


def test_an_inspection_that_fails_proves_nothing() -> None:
    error = {"ok": False, "error": {"code": "database_refused", "message": "refused the account"}}
    failed = judge(ENDED, JobStatus(name="c", phase=JobPhase.FAILED, result=error))
    assert failed.phase is JobPhase.FAILED and "refused the account" in failed.message
    lost = judge(ENDED, JobStatus(name="c", phase=JobPhase.LOST, message="its pod is gone"))
    assert "its pod is gone" in lost.message
    running = judge(ENDED, JobStatus(name="c", phase=JobPhase.RUNNING))
    assert (running.phase, running.result, running.ended_at) == (JobPhase.RUNNING, None, None)
    assert fail(ENDED, "x").result is not None


def test_an_inspection_is_one_for_one_run() -> None:
    assert make_inspection(INIT) == make_inspection(INIT)
    assert make_inspection(INIT).name != make_inspection(dataclasses.replace(INIT, name="init-op-1-2")).name


def test_the_first_proof_stays(client: ClusterClient, context: RunContext, api: FakeApi) -> None:
    note_proven(client, NAMESPACE, now=NOW)
    first = dict(api.get("Namespace", NAMESPACE)["metadata"]["annotations"])
    note_proven(client, NAMESPACE, now=NOW + timedelta(days=1))
    assert api.get("Namespace", NAMESPACE)["metadata"]["annotations"] == first
    assert context.identifier == NAMESPACE
