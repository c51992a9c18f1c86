"""A name runs at most once, whatever happens to its Job and to the callers; logs show no secret."""

import dataclasses
from datetime import timedelta

import pytest

from domain.cluster import ClusterSettings
from domain.errors import CiviparoisseError, EngineUnavailable, NotFound
from domain.specs import JobPhase, JobProgram, JobSpec
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.jobs import (
    cancel_job,
    find_blocking,
    list_pods_of,
    make_job_reference,
    note_end,
    note_sets,
    observe_run,
    read_log,
    run_job,
)
from engine.kubernetes.records import read_namespace
from engine.kubernetes.run_context import RunContext
from engine.kubernetes.runs import Run, read_runs, update_runs
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import BACKUP_ID, NAMESPACE, NOW, end_job, make_ended_pod, make_pod, provision

SPEC = make_spec(NAMESPACE)
GOOD = {"ok": True, "backup_id": BACKUP_ID, "rows": 3}


def make_job(name: str = "backup-op-1", program: JobProgram = JobProgram.BACKUP, **environment: str) -> JobSpec:
    return JobSpec(name=name, program=program, environment=environment, deadline_seconds=60)


@pytest.fixture
def context(api: FakeApi, engine: KubernetesEngine, settings: ClusterSettings) -> RunContext:
    provision(api, engine)
    api.calls.clear()
    return RunContext(engine.client, settings, SPEC, make_job(BACKUP_ID=BACKUP_ID), lambda: NOW)


def test_a_run_from_its_start_to_its_result(api: FakeApi, context: RunContext) -> None:
    assert run_job(context).phase is JobPhase.RUNNING
    api.put(make_pod("p-1", "backup", job=context.key))
    secret = SPEC.secrets.db_password
    api.logs["p-1"] = f'starting\nusing {secret}\n{{"progress": 40, "message": "dumping"}}\n'
    status = run_job(context)
    assert (status.phase, status.progress, status.message) == (JobPhase.RUNNING, 40, "dumping")
    assert secret not in status.log_tail and "using ***" in status.log_tail
    end_job(api, context.key)
    api.put(make_ended_pod("p-1", "backup", job=context.key, message=GOOD))
    status = run_job(context)
    assert (status.phase, status.result) == (JobPhase.SUCCEEDED, GOOD)
    assert api.count("POST", "/jobs") == 1
    record = read_namespace(context.client, NAMESPACE)
    assert record is not None and record.sets == (BACKUP_ID,)


def test_the_result_outlives_the_job(api: FakeApi, context: RunContext) -> None:
    run_job(context)
    end_job(api, context.key)
    api.put(make_ended_pod("p-1", "backup", job=context.key, message=GOOD))
    first = run_job(context)
    del api.objects["Job", NAMESPACE, context.key], api.objects["Pod", NAMESPACE, "p-1"]
    assert run_job(context) == first
    assert api.count("POST", "/jobs") == 1


def test_a_job_that_vanished_is_lost_and_never_made_again(api: FakeApi, context: RunContext) -> None:
    run_job(context)
    del api.objects["Job", NAMESPACE, context.key]
    assert run_job(context).phase is JobPhase.LOST
    assert run_job(context).message == "its Job is gone"
    assert api.count("POST", "/jobs") == 1


def test_a_caller_killed_before_its_job_was_made_leaves_a_name_that_still_works_for_a_while(
    api: FakeApi, context: RunContext
) -> None:
    asked = Run(name=context.job.name, program=context.job.program, asked_at=NOW)
    update_runs(context.client, NAMESPACE, lambda _runs: {context.key: asked})
    later = dataclasses.replace(context, now=lambda: NOW + timedelta(minutes=5))
    assert run_job(context).phase is JobPhase.RUNNING and api.count("POST", "/jobs") == 1
    update_runs(context.client, NAMESPACE, lambda _runs: {"other": dataclasses.replace(asked, name="other")})
    other = dataclasses.replace(later, job=make_job("other"))
    assert run_job(other).phase is JobPhase.LOST and api.count("POST", "/jobs") == 1


def test_two_callers_make_one_job(api: FakeApi, context: RunContext) -> None:
    """The second one meets the first one's Job between its look and its own attempt."""
    first = dataclasses.replace(context, now=lambda: NOW)
    reached = []

    def run_first() -> object:
        if not reached:
            reached.append(True)
            run_job(first)
        return NOW

    second = dataclasses.replace(context, now=run_first)  # type: ignore[arg-type]
    assert run_job(second).phase is JobPhase.RUNNING
    assert len([key for key in api.objects if key[0] == "Job"]) == 1


def test_a_cancelled_run_is_lost_also_when_its_job_comes_late(api: FakeApi, context: RunContext) -> None:
    run_job(context)
    cancel_job(context.client, NAMESPACE, context.job.name, now=NOW)
    assert ("Job", NAMESPACE, context.key) not in api.objects
    status = run_job(context)
    assert (status.phase, status.message) == (JobPhase.LOST, "it was cancelled")
    late = dataclasses.replace(context, job=make_job("late"))
    asked = Run(name="late", program=JobProgram.BACKUP, asked_at=NOW)
    update_runs(context.client, NAMESPACE, lambda _runs: {"late": asked})
    cancel_job(context.client, NAMESPACE, "late", now=NOW)
    assert run_job(late).phase is JobPhase.LOST and ("Job", NAMESPACE, "late") not in api.objects


def test_cancelling_what_is_unknown_or_has_ended_changes_nothing(api: FakeApi, context: RunContext) -> None:
    cancel_job(context.client, NAMESPACE, "never-asked", now=NOW)
    cancel_job(context.client, "never-seen", "never-asked", now=NOW)
    run_job(context)
    end_job(api, context.key)
    api.put(make_ended_pod("p-1", "backup", job=context.key, message=GOOD))
    cancel_job(context.client, NAMESPACE, context.job.name, now=NOW)
    assert run_job(context).phase is JobPhase.SUCCEEDED


def test_a_pod_that_does_not_end_is_said_and_asked_again(
    api: FakeApi, context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.kubernetes.jobs.CANCEL_WAIT_SECONDS", 0.0)
    run_job(context)
    pod = make_pod("p-1", "backup", job=context.key)
    api.put(pod)
    api.fault = lambda method, path: (200, {}, {}) if method == "DELETE" and "/pods/" in path else None
    with pytest.raises(EngineUnavailable) as raised:
        cancel_job(context.client, NAMESPACE, context.job.name, now=NOW)
    assert raised.value.retryable and len(list_pods_of(context.client, NAMESPACE, context.key)) == 1


def test_one_writer_at_a_time_the_schedule_s_included(api: FakeApi, context: RunContext) -> None:
    nightly = make_pod("civibackup-1-x", "backup", job="civibackup-1")
    api.put(nightly)
    restore = dataclasses.replace(context, job=make_job("restore-1", JobProgram.RESTORE, BACKUP_ID=BACKUP_ID))
    assert run_job(restore).message == "waits for the end of civibackup-1"
    assert find_blocking(dataclasses.replace(context, job=make_job("verify-1", JobProgram.VERIFY))) == ""
    api.put(make_ended_pod("civibackup-1-x", "backup", job="civibackup-1", message=GOOD))
    assert find_blocking(restore) == ""
    assert run_job(restore).message == "" and api.count("POST", "/jobs") == 1


def test_an_instance_that_is_not_there_or_not_ours_runs_nothing(api: FakeApi, context: RunContext) -> None:
    with pytest.raises(NotFound):
        run_job(dataclasses.replace(context, spec=make_spec("never-seen")))
    api.put({"kind": "Namespace", "metadata": {"name": "theirs"}})
    with pytest.raises(CiviparoisseError) as raised:
        run_job(dataclasses.replace(context, spec=make_spec("theirs")))
    assert raised.value.code == "namespace_foreign"


def test_a_log_cut_in_the_middle_loses_its_last_line(
    api: FakeApi, context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.kubernetes.jobs.LOG_BYTES", 20)
    api.logs["p-1"] = "first line\nhalf a secr"
    pod = api.put(make_pod("p-1", "backup", job=context.key))
    assert read_log(context, pod, "backup") == "first line"
    assert read_log(context, make_pod("never-started", "backup"), "backup") == ""


def test_removed_and_seen_sets_are_known(context: RunContext) -> None:
    done = Run(name="x", program=JobProgram.BACKUP, asked_at=NOW, phase=JobPhase.SUCCEEDED, result=GOOD)
    note_sets(context.client, NAMESPACE, done)
    removed = {"ok": True, "backup_id": BACKUP_ID}
    note_sets(context.client, NAMESPACE, dataclasses.replace(done, program=JobProgram.DISCARD, result=removed))
    record = read_namespace(context.client, NAMESPACE)
    assert record is not None and (record.sets, record.discarded) == ((), (BACKUP_ID,))
    seen = {"ok": True, "sets": "20261122T080000Z-000001 20261122T080000Z-000002"}
    note_sets(context.client, NAMESPACE, dataclasses.replace(done, program=JobProgram.INSPECT, result=seen))
    note_sets(context.client, NAMESPACE, dataclasses.replace(done, phase=JobPhase.FAILED))
    record = read_namespace(context.client, NAMESPACE)
    assert record is not None and record.sets == ("20261122T080000Z-000001", "20261122T080000Z-000002")


def test_the_first_verdict_stays(api: FakeApi, context: RunContext) -> None:
    run_job(context)
    end_job(api, context.key)
    api.put(make_ended_pod("p-1", "backup", job=context.key, message=GOOD))
    reference = make_job_reference(NAMESPACE, context.key)
    job = context.client.get(reference, instance=NAMESPACE)
    assert job is not None
    good = note_end(context, observe_run(context, job))
    assert note_end(context, dataclasses.replace(good, phase=JobPhase.LOST, result=None)) == good
    assert read_runs(context.client, NAMESPACE)[context.key].phase is JobPhase.SUCCEEDED
