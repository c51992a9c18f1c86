"""Celery's door to what is done from time to time."""

from celery import shared_task
from django.utils import timezone

from finops.usage import record_usage


@shared_task(name="finops.usage")
def run_usage() -> None:
    """Sample what containers use, end the days that are over."""
    record_usage(now=timezone.now())
