"""Celery's door: calls one function."""

from celery import shared_task
from django.utils import timezone

from watch.sightings import look_at_engines


@shared_task(name="watch.sightings")
def run_sightings() -> None:
    """Look at every engine for the first page."""
    look_at_engines(now=timezone.now())
