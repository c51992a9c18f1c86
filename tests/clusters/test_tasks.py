"""The clock's tasks reach their functions under the names of the schedule."""

import pytest
from django.conf import settings

from civiparoisse.celery import app
from clusters.models import ClusterReport
from clusters.tasks import run_certificates, run_checks, run_drift
from tests.clusters.samples import make_cluster_row
from tests.engines import FakeEngine


def test_the_schedule_names_tasks_that_exist() -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {run_drift.name, run_certificates.name, run_checks.name} <= scheduled
    app.loader.import_default_modules()
    assert scheduled <= set(app.tasks)


@pytest.mark.django_db
def test_every_cluster_is_looked_at(fake: FakeEngine) -> None:
    make_cluster_row("albi")
    make_cluster_row()
    run_drift()
    run_certificates()
    assert ClusterReport.objects.filter(kind="drift", level="ok").count() == 2
    assert fake.observe_fleet().instances == {}
