"""Celery's door: takes an identifier, calls one function."""

from typing import Any

from celery import shared_task
from celery.signals import task_prerun
from django.utils import timezone

from operations.doorbell import RUN_TASK, ring
from operations.pulse import SWEEP, forget_old_workers, record_pulse, record_worker_pulse
from operations.runner import run_operation
from operations.schedule import run_due_crons
from operations.sweep import sweep
from operations.upkeep import restart_fallen_instances

# A message that waits longer would be held by a worker, or be sent twice by a broker that takes it for lost: the sweep
# finds what is due then.
RING_AHEAD_SECONDS = 300


@task_prerun.connect
def note_worker(sender: Any = None, **_: Any) -> None:
    """Write down that this worker took a message: the watch (watch.py) tells when none does."""
    if sender is not None and not sender.request.is_eager:
        record_worker_pulse(now=timezone.now())


@shared_task(name=RUN_TASK)
def run(public_id: str) -> None:
    """Run an operation as far as it goes, and ring again when it wants to be run again."""
    next_run_at = run_operation(public_id, clock=timezone.now)
    if next_run_at is None:
        return
    seconds = max(0.0, (next_run_at - timezone.now()).total_seconds())
    if seconds <= RING_AHEAD_SECONDS:
        ring(public_id, countdown_seconds=seconds)


@shared_task(name="operations.sweep")
def run_sweep() -> None:
    """Look for operations that are due and that nobody works on; write down that the clock was heard."""
    now = timezone.now()
    sweep(now=now)
    # Last: a sweep that fails was not one.
    record_pulse(SWEEP, now=now)
    forget_old_workers(now=now)


@shared_task(name="operations.crons")
def run_crons() -> None:
    """Start the crons that are due, note how the last ones ended."""
    run_due_crons(now=timezone.now())


@shared_task(name="operations.upkeep")
def run_upkeep() -> None:
    """Make run again what should run."""
    restart_fallen_instances(now=timezone.now())
