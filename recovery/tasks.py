"""Celery's door: takes nothing, calls one function."""

import logging

from celery import shared_task
from django.utils import timezone

from domain.errors import CiviparoisseError
from recovery.making import make_archive
from recovery.models import ArchiveReason
from recovery.retention import prune_archives

log = logging.getLogger("recovery")


@shared_task(name="recovery.archive")
def run_archive(reason: str = ArchiveReason.SCHEDULED.value) -> None:
    """Archive the manager if something has changed, and let go of what is out of retention. What is in the way is told
    by `manager_check`."""
    now = timezone.now()
    try:
        make_archive(ArchiveReason(reason), now=now)
        prune_archives(now=now)
    except CiviparoisseError as error:
        log.warning("the manager is not archived: %s", error)
