"""What a run waits for before it begins is not taken from its time."""

from datetime import timedelta
from typing import Any

import pytest

from domain.specs import JobProgram, JobSpec
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.job_deadline import ASKED, LEAST_CHANGE, MOST_WAITED, compute_deadline
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import FakeApi, status
from tests.engine.kubernetes.objects import NAMESPACE, NOW, make_pod, provision

STARTED = "2026-11-25T22:00:00Z"
PULLING = {"conditions": [{"type": "PodReadyToStartContainers", "status": "True"}]}


def make_job(*, seconds: int = 600, asked: int | None = None) -> dict[str, Any]:
    annotations = {} if asked is None else {ASKED: str(asked)}
    return {
        "metadata": {"annotations": annotations},
        "spec": {"activeDeadlineSeconds": seconds},
        "status": {"startTime": STARTED},
    }


def make_begun(at: str) -> dict[str, Any]:
    return make_pod("x", "backup", containerStatuses=[{"name": "backup", "state": {"running": {"startedAt": at}}}])


@pytest.mark.parametrize(
    ("job", "pod", "waited", "wanted"),
    [
        (make_job(), None, 300, (600, 900)),
        (make_job(), make_pod("x", "backup", **PULLING), 300, (600, 900)),
        (make_job(), make_pod("x", "backup", **PULLING), LEAST_CHANGE - 1, (600, None)),
        (make_job(seconds=900, asked=600), None, 330, (600, None)),
        (make_job(seconds=900, asked=600), None, 400, (600, 1000)),
        (make_job(), None, MOST_WAITED + 900, (600, 600 + MOST_WAITED)),
        (make_job(), make_begun("2026-11-25T22:02:00Z"), 900, (600, 720)),
        (make_job(), make_begun("2026-11-25T22:00:05Z"), 900, (600, None)),
        ({**make_job(), "status": {}}, None, 300, (600, None)),
    ],
)
def test_time_counts_from_the_begin(job: Any, pod: Any, waited: int, wanted: tuple[int, int | None]) -> None:
    assert compute_deadline(job, pod, now=NOW + timedelta(seconds=waited)) == wanted


def test_a_run_that_waits_for_its_image_gets_the_time_back(
    api: FakeApi, engine: KubernetesEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    provision(api, engine)
    job = JobSpec(name="backup-1", program=JobProgram.BACKUP, environment={"BACKUP_ID": "x"}, deadline_seconds=600)
    monkeypatch.setattr("engine.kubernetes.engine.get_now", lambda: NOW + timedelta(seconds=400))
    engine.run_job(make_spec(NAMESPACE), job)
    (made,) = [one for key, one in api.objects.items() if key[0] == "Job" and "backup-1" in key[2]]
    made["status"] = {"startTime": STARTED}
    api.fault = lambda method, _path: status(403, "Forbidden", "it cannot patch") if method == "PATCH" else None
    engine.run_job(make_spec(NAMESPACE), job)
    assert made["spec"]["activeDeadlineSeconds"] == 600, "a role of before may not"
    api.fault = lambda _method, _path: None
    engine.run_job(make_spec(NAMESPACE), job)
    (made,) = [one for key, one in api.objects.items() if key[0] == "Job" and "backup-1" in key[2]]
    assert made["spec"]["activeDeadlineSeconds"] == 1000
