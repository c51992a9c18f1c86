"""The tools are open until their time is over or somebody cancels, and their pod is ended whatever happens."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest

from clusters.tools_steps import LOOK_SECONDS
from domain.specs import JobPhase, JobProgram, JobSpec, JobStatus
from domain.start_stages import StartStage
from domain.states import InstanceState, OperationState
from operations.models import Operation, OperationEvent
from operations.requests import request_cancel, request_operation
from operations.runner import run_operation
from tests.engines import FakeEngine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)
DEADLINE = {"ok": False, "error": {"code": "deadline_exceeded", "message": "it did not end", "params": {}}}


class Pod:
    """What becomes of the run of the tools, as a cluster tells it."""

    def __init__(self) -> None:
        self.status = JobStatus(name="", phase=JobPhase.RUNNING, stage=StartStage.PULLING, message="pulls")
        self.asked: list[JobSpec] = []
        self.ended: list[str] = []

    def run_job(self, _spec: Any, job: JobSpec) -> JobStatus:
        self.asked.append(job)
        return dataclasses.replace(self.status, name=job.name)

    def cancel_job(self, _identifier: str, name: str) -> None:
        self.ended.append(name)

    def become(self, phase: JobPhase, **changes: Any) -> None:
        self.status = dataclasses.replace(self.status, phase=phase, **changes)


@pytest.fixture
def pod(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Pod:
    made = Pod()
    monkeypatch.setattr(engine, "run_job", made.run_job)
    monkeypatch.setattr(engine, "cancel_job", made.cancel_job)
    return made


def ask(**parameters: int) -> Operation:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    return request_operation(kind="tools", instance=instance, requested_by="jeanne", parameters=parameters)


def run_at(operation: Operation, minutes: float) -> datetime | None:
    """Have a worker look at it that many minutes after it was asked for."""
    now = operation.created_at + timedelta(minutes=minutes)
    again = run_operation(operation.public_id, clock=lambda: now)
    operation.refresh_from_db()
    return again


def test_it_is_open_for_its_minutes_and_ended_then(pod: Pod) -> None:
    operation = ask(minutes=20)
    asked_at = operation.created_at
    run_at(operation, 0.1)
    assert (operation.state, operation.message) == (OperationState.WAITING, "pulls")
    pod.become(JobPhase.RUNNING, stage=StartStage.READY)
    again = run_at(operation, 1)
    command = f"enter saint-paul tools-{operation.public_id}"
    assert operation.message == f"open: {command}"
    assert again == asked_at + timedelta(minutes=1, seconds=LOOK_SECONDS), "no worker is held"
    told = OperationEvent.objects.filter(operation=operation, step="open", message__startswith="the tools are open")
    assert told.get().message.endswith(command) and operation.requested_by == "jeanne"
    again = run_at(operation, 20.9)
    assert again == asked_at + timedelta(minutes=21) and pod.ended == []
    assert run_at(operation, 21) is None
    assert (operation.state, pod.ended) == (OperationState.SUCCEEDED, [f"tools-{operation.public_id}"])
    assert operation.result["command"] == command and operation.instance.state == InstanceState.ACTIVE
    job = pod.asked[0]
    assert {one.name for one in pod.asked} == {job.name} and job.program is JobProgram.TOOLS
    assert (job.deadline_seconds, dict(job.environment)) == (20 * 60, {})


def test_without_a_word_it_is_an_hour(pod: Pod) -> None:
    pod.become(JobPhase.RUNNING, stage=StartStage.READY)
    operation = ask()
    run_at(operation, 0.1)
    assert pod.asked[0].deadline_seconds == 3600
    run_at(operation, 59)
    assert operation.state == OperationState.WAITING
    run_at(operation, 60.2)
    assert operation.state == OperationState.SUCCEEDED


@pytest.mark.parametrize(
    ("stage", "state"),
    [(StartStage.PULLING, OperationState.CANCELLED), (StartStage.READY, OperationState.SUCCEEDED)],
)
def test_a_cancel_ends_it_at_once(pod: Pod, stage: StartStage, state: OperationState) -> None:
    pod.become(JobPhase.RUNNING, stage=stage)
    operation = ask(minutes=20)
    run_at(operation, 0.1)
    request_cancel(operation, requested_by="jeanne")
    assert run_at(operation, 0.2) is None
    assert (operation.state, operation.lock) == (state, None)
    assert pod.ended == [f"tools-{operation.public_id}"]


def test_a_pod_that_its_deadline_ended_while_the_manager_was_away_is_no_failure(pod: Pod) -> None:
    pod.become(JobPhase.RUNNING, stage=StartStage.READY)
    operation = ask(minutes=5)
    run_at(operation, 0.1)
    pod.become(JobPhase.FAILED, result=DEADLINE)
    assert run_at(operation, 30) is None
    assert operation.state == OperationState.SUCCEEDED


@pytest.mark.parametrize("stage", [StartStage.PULLING, StartStage.READY])
def test_a_pod_that_is_killed_is_told_and_leaves_the_instance_active(pod: Pod, stage: StartStage) -> None:
    pod.become(JobPhase.RUNNING, stage=stage)
    operation = ask(minutes=5)
    run_at(operation, 0.1)
    pod.become(JobPhase.LOST, message="its pod is gone")
    assert run_at(operation, 1) is None
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "job_lost")
    assert operation.instance.state == InstanceState.ACTIVE and len(pod.ended) == 1


def test_a_pod_that_can_never_start_ends_it_with_the_reason(pod: Pod) -> None:
    pod.become(JobPhase.RUNNING, message="tools: InvalidImageName", is_hopeless=True)
    operation = ask()
    run_at(operation, 0.1)
    assert run_at(operation, 1) is None
    assert operation.error_code == "start_impossible" and len(pod.ended) == 1
