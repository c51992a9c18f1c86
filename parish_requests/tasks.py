"""Celery's door: calls one function each."""

from celery import shared_task
from django.utils import timezone

from parish_requests.delivery import deliver_due


@shared_task(name="parish_requests.deliver")
def deliver_mails() -> None:
    """Send the mails to contacts that are due."""
    deliver_due(now=timezone.now())
