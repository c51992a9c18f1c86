"""Celery's door: calls one function each."""

from celery import shared_task
from django.utils import timezone

from watch.heartbeat import send_heartbeat
from watch.notices.delivery import deliver_due
from watch.notices.digest import write_digests
from watch.notices.writing import write_news
from watch.rounds import run_round
from watch.sightings import look_at_engines


@shared_task(name="watch.sightings")
def run_sightings() -> None:
    """Look at every engine for the first page."""
    look_at_engines(now=timezone.now())


@shared_task(name="watch.round")
def run_watch() -> None:
    """Look at everything that can be wrong, and tell who wants to know."""
    run_round(now=timezone.now())
    write_news(now=timezone.now())
    write_digests(now=timezone.now())
    deliver_due(now=timezone.now())


@shared_task(name="watch.heartbeat")
def run_heartbeat() -> None:
    """Show a watch elsewhere that this manager works."""
    send_heartbeat(now=timezone.now())
