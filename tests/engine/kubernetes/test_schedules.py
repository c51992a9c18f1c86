"""What ran by itself is found afterwards, and a nightly backup stays known when its Job is gone."""

from typing import Any

from domain.specs import JobPhase, JobProgram
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.schedules import find_program, is_scheduled, list_scheduled_runs, make_scheduled_status
from manifests.labels import COMPONENT_LABEL, make_labels
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import BACKUP_ID, NAMESPACE, NOW, end_job, make_ended_pod, make_pod, provision


def put_job(api: FakeApi, name: str, component: str) -> dict[str, Any]:
    labels = {**make_labels(NAMESPACE), COMPONENT_LABEL: component}
    owner = [{"apiVersion": "batch/v1", "kind": "CronJob", "name": f"civi{component}"}]
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels, "ownerReferences": owner}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {}}
    return api.put({**job, "status": {"startTime": "2026-11-25T22:00:00Z"}})


def test_runs_are_found_with_their_results_the_oldest_first(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    put_job(api, "civibackup-1", "backup")
    end_job(api, "civibackup-1")
    api.put(make_ended_pod("b-1", "backup", job="civibackup-1", message={"ok": True, "backup_id": BACKUP_ID}))
    put_job(api, "civicron-2", "cron")
    end_job(api, "civicron-2", kind="Failed", reason="BackoffLimitExceeded")
    api.put(make_ended_pod("c-2", "cron", job="civicron-2", exit_code=1))
    put_job(api, "civicron-3", "cron")
    api.put(make_pod("c-3", "cron", job="civicron-3"))
    runs = engine.list_scheduled_runs(NAMESPACE)
    assert [(run.name, run.program, run.phase) for run in runs] == [
        ("civibackup-1", JobProgram.BACKUP, JobPhase.SUCCEEDED),
        ("civicron-2", JobProgram.CRON, JobPhase.FAILED),
        ("civicron-3", JobProgram.CRON, JobPhase.RUNNING),
    ]
    assert runs[0].result == {"ok": True, "backup_id": BACKUP_ID} and runs[0].ended_at is not None
    assert engine.observe(NAMESPACE).backup_ids == (BACKUP_ID,)


def test_a_nightly_backup_outlives_its_job_and_a_cron_run_does_not(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    for name, component in (("civibackup-1", "backup"), ("civicron-2", "cron")):
        put_job(api, name, component)
        end_job(api, name)
        message = {"ok": True, "backup_id": BACKUP_ID} if component == "backup" else ""
        api.put(make_ended_pod(f"{name}-x", component, job=name, message=message))
    first = engine.list_scheduled_runs(NAMESPACE)
    assert len(first) == 2
    for key in [key for key in api.objects if key[0] in ("Job", "Pod") and key[2].startswith("civi")]:
        del api.objects[key]
    (kept,) = list_scheduled_runs(engine.client, NAMESPACE, now=NOW)
    assert kept == first[0]
    assert engine.observe(NAMESPACE).backup_ids == (BACKUP_ID,)


def test_what_was_asked_for_is_no_scheduled_run(api: FakeApi) -> None:
    job = put_job(api, "civibackup-1", "backup")
    assert is_scheduled(job) and find_program(job) is JobProgram.BACKUP
    assert make_scheduled_status(job, []).phase is JobPhase.RUNNING
    job["metadata"]["labels"]["civiparoisse.uepal.fr/job"] = "backup-op-1"
    assert not is_scheduled(job)
    assert not is_scheduled({"metadata": {"name": "x"}})


def test_nothing_is_known_of_what_is_not_there(engine: KubernetesEngine) -> None:
    assert engine.list_scheduled_runs("never-seen") == ()
