"""Celery's door for what the clock asks of requests and of mails about them: each calls one function."""

from celery import shared_task
from django.utils import timezone

from parish_requests.delivery import deliver_due
from parish_requests.erasing import erase_old
from parish_requests.running import advance_requests


@shared_task(name="parish_requests.deliver")
def deliver_mails() -> None:
    """Send the mails to contacts that are due."""
    deliver_due(now=timezone.now())


@shared_task(name="parish_requests.advance")
def run_advance() -> None:
    """Bring requests of parishes a step further."""
    advance_requests(now=timezone.now())


@shared_task(name="parish_requests.erase")
def run_erase() -> None:
    """Erase personal data of requests that ended long ago."""
    erase_old(now=timezone.now())
