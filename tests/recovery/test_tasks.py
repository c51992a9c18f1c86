"""recovery.tasks: the clock's quarter of an hour archives; what is in the way is no crash."""

from pathlib import Path

import pytest
from django.conf import settings

from recovery.models import ManagerArchive
from recovery.tasks import run_archive
from tests.recovery.archives import make_manager


@pytest.mark.django_db(transaction=True)
def test_the_clock_archives_what_changed(tmp_path: Path) -> None:
    run_archive()
    assert not ManagerArchive.objects.exists()
    make_manager(tmp_path / "place")
    run_archive()
    run_archive()
    assert [row.reason for row in ManagerArchive.objects.all()] == ["scheduled"]
    run_archive("keys")
    assert ManagerArchive.objects.filter(reason="keys").count() == 1


def test_the_clock_asks_every_quarter_of_an_hour() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["manager-archive"]
    assert entry["task"] == run_archive.name and entry["schedule"] == 900.0
