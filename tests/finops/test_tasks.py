"""Celery's door, called as a worker calls it."""

from datetime import UTC, datetime

import pytest
from celery import current_app
from django.conf import settings

from domain.fleet import UsageSample
from finops.tasks import run_usage
from finops.usage_models import UsageDay
from tests.engines import FakeEngine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_use_is_sampled(engine: FakeEngine) -> None:
    make_instance_row()
    now = datetime.now(UTC)
    engine.usage = (
        UsageSample(instance="saint-paul", container="db", at=now, cpu_millicores=5, memory_bytes=300 * 2**20),
    )
    run_usage()
    assert UsageDay.objects.get().points == 1


def test_the_clock_knows_the_task() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["usage"]
    assert entry["task"] in current_app.tasks
    assert entry["schedule"] == 300.0
