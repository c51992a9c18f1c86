"""Celery's door for what the clock asks of campaigns."""

from celery import shared_task
from django.utils import timezone

from campaigns.advancing import advance_campaigns
from campaigns.moves import ADVANCE_TASK


@shared_task(name=ADVANCE_TASK)
def run_advance() -> None:
    """Bring campaigns a step further."""
    advance_campaigns(now=timezone.now())
