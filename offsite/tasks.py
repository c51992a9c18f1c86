"""Celery's door for what the clock asks of copies: each calls one function."""

from celery import shared_task
from django.utils import timezone

from offsite.checking import check_due
from offsite.comparing import compare_due
from offsite.copies import carry_copies
from offsite.opening import open_copies
from offsite.pruning import request_copy_prunings


@shared_task(name="offsite.copies")
def run_copies() -> None:
    """Bring the copies that are due a step further, and the openings of those that are there."""
    carry_copies(now=timezone.now())
    open_copies(now=timezone.now())


@shared_task(name="offsite.compare")
def run_compare() -> None:
    """Compare copies with what their destinations tell, each once a week."""
    compare_due(now=timezone.now())


@shared_task(name="offsite.check")
def run_checks() -> None:
    """Check each destination once a day."""
    check_due(now=timezone.now())


@shared_task(name="offsite.prune")
def run_prune() -> None:
    """Ask for the removal of the copies that policies let go."""
    request_copy_prunings(now=timezone.now())
