"""Celery's door, called as a worker calls it."""

import pytest
from django.conf import settings

from campaigns.tasks import run_advance
from tests.campaigns.cast import list_running, make_fleet, make_started

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]


def test_the_clock_brings_campaigns_a_step_further_every_minute() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["campaigns"]
    assert (entry["task"], entry["schedule"]) == (run_advance.name, 60)
    make_fleet(1)
    campaign = make_started()
    run_advance()
    assert list_running(campaign) == ["p-000"]
