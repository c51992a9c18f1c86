"""recovery.watch: what keeps the manager from being archived is told, and nothing of a manager of nobody."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from domain.states import InstanceState
from offsite.models import Destination, RecoveryKey
from operations.pulse import record_pulse
from operations.watch import list_manager_faults
from recovery.making import ARCHIVE_PULSE
from recovery.watch import answer_archive, list_archive_faults
from tenants.models import Instance
from tests.recovery.archives import make_manager
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def list_codes() -> list[tuple[str, bool]]:
    """What is told."""
    return [(fault.code, fault.is_critical) for fault in list_archive_faults(now=NOW)]


def test_a_manager_of_nobody_has_nothing_to_lose() -> None:
    assert list_codes() == []
    make_instance_row("saint-paul")
    assert list_codes() == []


def test_each_obstacle_is_told(tmp_path: Path) -> None:
    make_manager(tmp_path / "place")
    make_instance_row("sainte-marie", state=InstanceState.ACTIVE)
    assert list_codes() == [("archive_late", False)]
    record_pulse(ARCHIVE_PULSE, now=NOW - timedelta(minutes=20))
    assert list_codes() == []
    record_pulse(ARCHIVE_PULSE, now=NOW - timedelta(hours=3))
    assert list_codes() == [("archive_late", False)]
    record_pulse(ARCHIVE_PULSE, now=NOW - timedelta(hours=25))
    assert list_codes() == [("archive_late", True)]
    assert "archive_late" in [fault.code for fault in list_manager_faults(now=NOW)]
    Destination.objects.update(enabled=False)
    assert list_codes() == [("archive_nowhere", False)]
    RecoveryKey.objects.update(proven_at=None)
    assert list_codes() == [("archive_unsealed", False)]


def test_the_checklist_says_no_until_an_archive_is_elsewhere_and_fresh(tmp_path: Path) -> None:
    (answer,) = answer_archive(NOW)
    assert (answer.code, answer.is_met) == ("manager_archived", False)
    make_manager(tmp_path)
    Instance.objects.update(state=InstanceState.ACTIVE.value)
    record_pulse(ARCHIVE_PULSE, now=NOW - timedelta(days=2))
    assert not answer_archive(NOW)[0].is_met
    record_pulse(ARCHIVE_PULSE, now=NOW)
    assert answer_archive(NOW)[0].is_met
