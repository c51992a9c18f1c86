"""Celery's door: takes nothing, calls one function."""

from celery import shared_task
from django.utils import timezone

from clusters.certificates import renew_certificates
from clusters.inspection import check_clusters
from clusters.repair import look_and_repair


@shared_task(name="clusters.drift")
def run_drift() -> None:
    """Look at every cluster for drift; repair where its setting says so."""
    look_and_repair(now=timezone.now())


@shared_task(name="clusters.check")
def run_checks() -> None:
    """Check every cluster: what it lacks, and whether its account is about to expire."""
    check_clusters(now=timezone.now())


@shared_task(name="clusters.certificates")
def run_certificates() -> None:
    """Have certificates renewed before they expire."""
    renew_certificates(now=timezone.now())
