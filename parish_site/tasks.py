"""Celery's door: calls one function each."""

from celery import shared_task
from django.utils import timezone

from parish_site.limits import forget_attempts
from parish_site.sessions import forget_sessions
from parish_site.sign_in import forget_sign_ins, send_links


@shared_task(name="parish_site.links")
def run_links() -> None:
    """Send the links that were asked for."""
    send_links(now=timezone.now())


@shared_task(name="parish_site.forgetting")
def run_forgetting() -> None:
    """Delete what nobody needs of those who came in, or tried."""
    forget_sign_ins(now=timezone.now())
    forget_sessions(now=timezone.now())
    forget_attempts(now=timezone.now())
