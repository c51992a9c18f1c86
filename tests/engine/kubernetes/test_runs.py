"""What is remembered of runs: each change on what was read, the oldest forgotten, nothing broken believed."""

from datetime import timedelta

import pytest

from domain.specs import JobPhase, JobProgram, JobStatus
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.errors import ObjectMissing
from engine.kubernetes.runs import (
    KEPT_RUNS,
    LOG_LENGTH,
    NAME,
    Run,
    Runs,
    finish_run,
    format_run,
    make_runs_reference,
    parse_runs,
    read_runs,
    select_forgotten,
    update_runs,
)
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import NAMESPACE, NOW, make_namespace

ASKED = Run(name="backup-1", program=JobProgram.BACKUP, asked_at=NOW)
DONE = JobStatus(name="backup-1", phase=JobPhase.SUCCEEDED, result={"ok": True}, started_at=NOW, ended_at=NOW)


@pytest.fixture
def namespace(api: FakeApi) -> None:
    api.put(make_namespace())


def test_a_run_comes_back_as_it_was() -> None:
    for run in (ASKED, finish_run(ASKED, DONE)):
        assert parse_runs({"x": format_run(run)}) == {"x": run}
    assert parse_runs({"x": "{", "y": "{}", "z": '{"name": 1}'}) == {}


def test_a_run_whose_end_is_not_known_is_lost() -> None:
    assert ASKED.make_status().phase is JobPhase.LOST
    done = finish_run(ASKED, JobStatus(name="x", phase=JobPhase.SUCCEEDED, log_tail="x" * 9999)).make_status()
    assert (done.phase, done.progress, len(done.log_tail)) == (JobPhase.SUCCEEDED, 100, LOG_LENGTH)


@pytest.mark.usefixtures("namespace")
def test_the_first_run_makes_the_place_and_what_is_so_is_not_written(api: FakeApi, client: ClusterClient) -> None:
    assert read_runs(client, NAMESPACE) == {}
    assert update_runs(client, NAMESPACE, lambda runs: {"k": runs.get("k", ASKED)}) == {"k": ASKED}
    update_runs(client, NAMESPACE, lambda runs: {"k": runs.get("k", ASKED)})
    assert (api.count("POST"), api.count("PATCH")) == (1, 1)
    assert read_runs(client, NAMESPACE) == {"k": ASKED}
    assert api.get("ConfigMap", NAME, NAMESPACE)["metadata"]["labels"]["app.kubernetes.io/managed-by"]


@pytest.mark.usefixtures("namespace")
def test_two_writers_keep_each_other_s_runs(client: ClusterClient) -> None:
    calls = []

    def add(runs: Runs) -> Runs:
        calls.append(sorted(runs))
        if len(calls) == 1:
            other = {"data": {"other": format_run(ASKED)}}
            client.merge(make_runs_reference(NAMESPACE), other, manager="other", instance=NAMESPACE)
        return {"mine": ASKED}

    assert sorted(update_runs(client, NAMESPACE, add)) == ["mine", "other"]
    assert calls == [[], ["other"]]


def test_without_a_namespace_nothing_is_written(client: ClusterClient) -> None:
    with pytest.raises(ObjectMissing):
        update_runs(client, NAMESPACE, lambda _runs: {"k": ASKED})


@pytest.mark.usefixtures("namespace")
def test_the_oldest_that_ended_are_forgotten_and_never_one_that_runs(client: ClusterClient) -> None:
    ended = {
        f"run-{number:02}": finish_run(
            ASKED, JobStatus(name="x", phase=JobPhase.FAILED, ended_at=NOW + timedelta(minutes=number))
        )
        for number in range(KEPT_RUNS + 2)
    }
    kept = update_runs(client, NAMESPACE, lambda _runs: {**ended, "running": ASKED})
    assert set(ended) - set(kept) == {"run-00", "run-01"} and "running" in kept
    assert read_runs(client, NAMESPACE) == kept
    assert select_forgotten({"running": ASKED}, keep=0) == []
