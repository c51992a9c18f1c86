"""Celery's door for what the clock asks of backups: each calls one function."""

from celery import shared_task
from django.utils import timezone

from backups.nightly import request_nightly_backups
from backups.pruning import request_prunings
from backups.scheduled import record_scheduled_runs
from backups.terms import tell_terms


@shared_task(name="backups.nightly")
def run_nightly() -> None:
    """Ask for the nightly backups that are due."""
    request_nightly_backups(now=timezone.now())


@shared_task(name="backups.scheduled")
def run_scheduled() -> None:
    """Find, check and record what engines ran by themselves."""
    record_scheduled_runs(now=timezone.now())


@shared_task(name="backups.pruning")
def run_pruning() -> None:
    """Ask for the removal of what policies let go, and tell engines with schedules what has changed of policies."""
    request_prunings(now=timezone.now())
    tell_terms(now=timezone.now())
