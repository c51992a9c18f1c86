"""Celery's door: calls one function."""

from celery import shared_task
from django.utils import timezone

from finops.ledger.estimates import estimate_missing_days
from finops.ledger.live import record_fleets
from finops.ledger.reconcile import ensure_recorded
from finops.months.budgets import check_budgets
from finops.usage.measured import record_usage
from finops.usage.visits import record_visits


@shared_task(name="finops.ledger")
def run_ledger() -> None:
    """Write what the ledger lacks: instances it does not know, what engines have seen, days nobody saw."""
    now = timezone.now()
    ensure_recorded(now=now)
    record_fleets(now=now)
    estimate_missing_days(now=now)


@shared_task(name="finops.usage")
def run_usage() -> None:
    """Sample what containers use, end the days that are over."""
    record_usage(now=timezone.now())


@shared_task(name="finops.budgets")
def run_budgets() -> None:
    """Raise the alerts of budgets that are due."""
    check_budgets(now=timezone.now())


@shared_task(name="finops.visits")
def run_visits() -> None:
    """Look when somebody last asked for the pages of the instances whose hour it is."""
    record_visits(now=timezone.now())
