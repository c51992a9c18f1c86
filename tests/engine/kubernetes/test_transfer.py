"""A clone's set goes from one namespace to the other; what was lent for it is taken back."""

import dataclasses

import pytest

from domain.cluster import ClusterSettings
from domain.errors import CiviparoisseError
from domain.specs import InstanceKind, JobPhase, JobProgram, JobSpec
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.jobs import run_job
from engine.kubernetes.run_context import RunContext
from engine.kubernetes.runs import Run
from engine.kubernetes.transfer import (
    end_copy,
    ensure_copy,
    find_address,
    has_copy,
    lend,
    make_lent_reference,
    make_receiving,
    make_sending,
)
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import BACKUP_ID, NAMESPACE, NOW, end_job, make_ended_pod, make_pod, provision

SANDBOX = "saint-paul-sandbox"
VERIFY = JobSpec(
    name="verify-op-1",
    program=JobProgram.VERIFY,
    environment={"BACKUP_ID": BACKUP_ID},
    deadline_seconds=3600,
    set_of=NAMESPACE,
)


@pytest.fixture
def context(api: FakeApi, engine: KubernetesEngine, settings: ClusterSettings) -> RunContext:
    provision(api, engine)
    spec = make_spec(SANDBOX, kind=InstanceKind.SANDBOX)
    engine.apply(spec)
    return RunContext(engine.client, settings, spec, VERIFY, lambda: NOW)


def start_sender(api: FakeApi, context: RunContext) -> None:
    assert run_job(context).phase is JobPhase.RUNNING
    pod = make_pod("s-1", "send", job="verify-op-1-send")
    pod["status"]["podIP"] = "10.244.0.7"
    api.put(pod)


def end_receiver(api: FakeApi, message: object, *, failed: bool = False) -> None:
    pod = make_ended_pod("r-1", "receive", job="verify-op-1-receive", message=message, exit_code=int(failed))
    pod["metadata"]["namespace"] = SANDBOX
    api.put(pod)
    job = api.get("Job", "verify-op-1-receive", SANDBOX)
    end = {"type": "Failed" if failed else "Complete", "status": "True", "lastTransitionTime": "2026-11-25T22:06:00Z"}
    job["status"] = {"startTime": "2026-11-25T22:00:00Z", "conditions": [end]}


def test_the_set_comes_first_and_the_run_reads_it_beside_its_own(api: FakeApi, context: RunContext) -> None:
    start_sender(api, context)
    assert run_job(context).message == "copying the backup"
    receiver = api.get("Job", "verify-op-1-receive", SANDBOX)
    (container,) = receiver["spec"]["template"]["spec"]["containers"]
    variables = {one["name"]: one["value"] for one in container["env"]}
    assert variables["SOURCE_ADDRESS"] == "10.244.0.7" and variables["SOURCE_NAME"] == "civicrmdb.saint-paul.svc"
    assert ("Job", SANDBOX, "verify-op-1") not in api.objects
    end_receiver(api, {"ok": True, "backup_id": BACKUP_ID, "source": NAMESPACE})
    run_job(context)
    assert ("Job", SANDBOX, "verify-op-1") in api.objects
    sent = api.get("Job", "verify-op-1-send", NAMESPACE)
    assert sent["metadata"]["labels"]["civiparoisse.uepal.fr/instance"] == NAMESPACE


def test_a_second_run_uses_the_copy_that_is_there(api: FakeApi, context: RunContext) -> None:
    start_sender(api, context)
    run_job(context)
    end_receiver(api, {"ok": True, "backup_id": BACKUP_ID, "source": NAMESPACE})
    run_job(context)
    restore = dataclasses.replace(VERIFY, name="restore-op-1", program=JobProgram.RESTORE)
    run_job(dataclasses.replace(context, job=restore))
    assert ("Job", SANDBOX, "restore-op-1") in api.objects
    assert ("Job", NAMESPACE, "restore-op-1-send") not in api.objects


def test_a_copy_that_failed_fails_the_run_and_ends_the_sender(api: FakeApi, context: RunContext) -> None:
    start_sender(api, context)
    run_job(context)
    error = {"ok": False, "error": {"code": "no_space", "message": "no space left"}}
    end_receiver(api, error, failed=True)
    status = run_job(context)
    assert (status.name, status.phase, status.result) == ("verify-op-1", JobPhase.FAILED, error)
    assert ("Job", NAMESPACE, "verify-op-1-send") not in api.objects
    assert run_job(context) == status


def test_a_sender_that_failed_fails_the_run(api: FakeApi, context: RunContext) -> None:
    run_job(context)
    end_job(api, "verify-op-1-send", kind="Failed", reason="BackoffLimitExceeded")
    error = {"ok": False, "error": {"code": "manifest_missing"}}
    api.put(make_ended_pod("s-1", "send", job="verify-op-1-send", exit_code=1, message=error))
    status = run_job(context)
    assert (status.phase, status.result) == (JobPhase.FAILED, error)


def test_what_was_lent_is_taken_back_after_the_restore(api: FakeApi, context: RunContext) -> None:
    lend(context.client, NAMESPACE, SANDBOX)
    lent = api.get("Secret", "lentsecret", SANDBOX)["data"]
    assert lent["manifestKey"] == api.get("Secret", "backupsecret", NAMESPACE)["data"]["manifestKey"]
    assert lent["authority"] == api.get("Secret", "selfcert", NAMESPACE)["data"]["dbcacert"]
    end_copy(context)
    assert ("Secret", SANDBOX, "lentsecret") in api.objects
    restore = dataclasses.replace(VERIFY, program=JobProgram.RESTORE)
    end_copy(dataclasses.replace(context, job=restore))
    assert ("Secret", SANDBOX, "lentsecret") not in api.objects
    assert make_lent_reference(SANDBOX).name == "lentsecret"


def test_a_source_that_is_gone_is_told(engine: KubernetesEngine, context: RunContext) -> None:
    engine.delete(NAMESPACE, keep_backups=True)
    with pytest.raises(CiviparoisseError) as raised:
        ensure_copy(context, run=run_job)
    assert raised.value.code == "set_elsewhere"


def test_an_own_set_needs_no_copy(api: FakeApi, context: RunContext) -> None:
    own = dataclasses.replace(context, job=dataclasses.replace(VERIFY, set_of=SANDBOX))
    calls = len(api.calls)
    assert ensure_copy(own, run=run_job) is None and len(api.calls) == calls


def test_only_the_last_set_received_is_there() -> None:
    def make_run(backup_id: str, minute: int, phase: JobPhase | None = JobPhase.SUCCEEDED) -> Run:
        asked_at = NOW.replace(minute=minute)
        result = {"ok": True, "backup_id": backup_id, "source": NAMESPACE}
        return Run(name=str(minute), program=JobProgram.RECEIVE, asked_at=asked_at, phase=phase, result=result)

    runs = {"a": make_run("one", 1), "b": make_run("two", 2)}
    assert has_copy(runs, "two", source=NAMESPACE)
    assert not has_copy(runs, "one", source=NAMESPACE), "the second took its context"
    assert not has_copy(runs, "two", source="sainte-marie"), "a set of another instance"
    assert not has_copy({}, "two", source=NAMESPACE)
    for phase in (None, JobPhase.FAILED, JobPhase.LOST):
        assert not has_copy({**runs, "c": make_run("two", 3, phase)}, "two", source=NAMESPACE), "it removed it first"


def test_nothing_of_another_parish_is_lent(api: FakeApi, engine: KubernetesEngine, context: RunContext) -> None:
    engine.apply(make_spec("sainte-marie"))
    for source in ("sainte-marie", "nobody"):
        job = dataclasses.replace(VERIFY, set_of=source)
        with pytest.raises(CiviparoisseError) as caught:
            run_job(dataclasses.replace(context, job=job))
        assert caught.value.code == "set_elsewhere"
    reference = make_lent_reference(SANDBOX)
    assert (reference.kind, SANDBOX, reference.name) not in api.objects


def test_both_runs_have_names_of_their_own_and_a_sender_without_a_pod_no_address(context: RunContext) -> None:
    names = {make_sending(VERIFY, BACKUP_ID).name, make_receiving(VERIFY, BACKUP_ID, source="x", address="y").name}
    assert len(names | {VERIFY.name}) == 3
    assert find_address(context.client, NAMESPACE, "nothing") == ""
