"""Tells higher layers what happens to instances: they register functions, since nothing here may know them.

A listener is called in the transaction of the change itself: what it writes is there exactly when the change is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.specs import JobStatus
from operations.models import Operation
from tenants.models import Instance


class ChangeListener(Protocol):
    """Called once an operation has begun or ended and the instance's state is written."""

    def __call__(self, instance: Instance, *, operation: Operation, now: datetime) -> None: ...


class Preparation(Protocol):
    """Called before a change is written, outside of its transaction: for what takes longer than a row may be held."""

    def __call__(self, instance: Instance) -> None: ...


class StepListener(Protocol):
    """Called once a step is done: what it did holds from then on, however long the rest takes."""

    def __call__(self, instance: Instance, *, operation: Operation, step: str, now: datetime) -> None: ...


class RunListener(Protocol):
    """Called once a run has ended."""

    def __call__(self, instance: Instance, *, program: str, status: JobStatus, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRun:
    """One scheduled run of `program` that has ended as `status` says."""

    instance: Instance
    program: str
    status: JobStatus


class ScheduledRunsListener(Protocol):
    """Called once scheduled runs have ended, each told once, with all that one look found."""

    def __call__(self, runs: Sequence[EndedRun], *, now: datetime) -> None: ...


_change_listeners: list[ChangeListener] = []
_preparations: list[Preparation] = []
_step_listeners: list[StepListener] = []
_run_listeners: list[RunListener] = []
_scheduled_runs_listeners: list[ScheduledRunsListener] = []


def register_listeners(
    *,
    change: ChangeListener | None = None,
    preparation: Preparation | None = None,
    step: StepListener | None = None,
    run: RunListener | None = None,
    scheduled_runs: ScheduledRunsListener | None = None,
) -> None:
    """Have these called from now on. Called by the `ready` of an app."""
    _change_listeners.extend([change] if change else [])
    _preparations.extend([preparation] if preparation else [])
    _step_listeners.extend([step] if step else [])
    _run_listeners.extend([run] if run else [])
    _scheduled_runs_listeners.extend([scheduled_runs] if scheduled_runs else [])


def prepare_change(instance: Instance) -> None:
    """Have listeners work out what they will need once `instance` is held and changed. Before that transaction."""
    for preparation in _preparations:
        preparation(instance)


def notify_changed(instance: Instance, *, operation: Operation, now: datetime) -> None:
    """Tell that `operation` has begun or ended on `instance`, whose state is new. Inside of that transaction."""
    for listener in _change_listeners:
        listener(instance, operation=operation, now=now)


def tell_step(instance: Instance, *, operation: Operation, step: str, now: datetime) -> None:
    """Tell that the step of that name of `operation` is done. Inside of the transaction that notes it."""
    for listener in _step_listeners:
        listener(instance, operation=operation, step=step, now=now)


def tell_run(instance: Instance, *, program: str, status: JobStatus, now: datetime) -> None:
    """Tell that a run of `program` has ended. May be told more than once for one name."""
    for listener in _run_listeners:
        listener(instance, program=program, status=status, now=now)


def tell_scheduled_runs(runs: Sequence[EndedRun], *, now: datetime) -> None:
    """Tell that scheduled runs have ended. Inside of the transaction that notes their ends."""
    for listener in _scheduled_runs_listeners:
        listener(runs, now=now)
