"""Celery's door for the first page, called as a worker calls it."""

import pytest

from tests.engines import FakeEngine
from watch.models import Sighting
from watch.tasks import run_sightings


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("defaults")
def test_the_clock_s_task_runs(engine: FakeEngine) -> None:
    assert engine.nodes
    run_sightings()
    assert Sighting.objects.filter(engine="fake").exists()
