"""Celery's door for what the clock asks of backups: each calls one function."""

from celery import shared_task
from django.utils import timezone

from backups.nightly import request_nightly_backups
from backups.proof_clock import remove_left_places, request_due_proofs
from backups.pruning import request_prunings, request_purges
from backups.scheduled import record_scheduled_runs
from backups.terms import tell_terms


@shared_task(name="backups.nightly")
def run_nightly() -> None:
    """Ask for the nightly backups and the proofs that are due, and have removed what proofs left."""
    now = timezone.now()
    request_nightly_backups(now=now)
    request_due_proofs(now=now)
    remove_left_places(now=now)


@shared_task(name="backups.scheduled")
def run_scheduled() -> None:
    """Find, check and record what engines ran by themselves."""
    record_scheduled_runs(now=timezone.now())


@shared_task(name="backups.pruning")
def run_pruning() -> None:
    """Ask for the removal of what policies let go, and tell engines with schedules what has changed of policies."""
    request_prunings(now=timezone.now())
    request_purges(now=timezone.now())
    tell_terms(now=timezone.now())
