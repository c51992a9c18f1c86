"""What was done lately: in words, the newest first, nothing of what a parish does not see."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override

from backups.models import BackupReason, BackupState
from operations.models import Operation
from parish_site.happenings import SHOWN, count_saved, list_happenings
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def add(instance: Instance, kind: str, state: str = "succeeded", *, hours_ago: float = 1) -> None:
    ended_at = NOW - timedelta(hours=hours_ago) if state in ("succeeded", "failed", "cancelled") else None
    Operation.objects.create(
        kind=kind, instance=instance, subject="x", requested_by="marc", state=state, ended_at=ended_at
    )


def read(instance: Instance) -> list[str]:
    with override("fr"):
        return [one.text for one in list_happenings(instance)]


def test_what_changed_the_site_is_told_the_newest_first() -> None:
    instance, other = make_instance_row(), make_instance_row("sainte-marie")
    add(instance, "provision", hours_ago=50)
    add(instance, "restore", "failed", hours_ago=2)
    for kind, state in (
        ("backup", "succeeded"),
        ("verify", "failed"),
        ("upgrade", "cancelled"),
        ("upgrade", "running"),
    ):
        add(instance, kind, state)
    add(other, "restore")
    told = ["Des données d’un moment antérieur n’ont pas pu être remises en place.", "Votre site a été installé."]
    assert read(instance) == told


@pytest.mark.parametrize("kind", ["provision", "restore", "upgrade", "resize", "suspend", "resume"])
def test_success_and_failure_are_not_the_same_sentence(kind: str) -> None:
    instance = make_instance_row()
    add(instance, kind, hours_ago=1)
    add(instance, kind, "failed", hours_ago=2)
    good, bad = read(instance)
    assert good != bad and "pas pu" in bad


def test_there_are_so_many_at_most() -> None:
    instance = make_instance_row()
    for number in range(SHOWN + 3):
        add(instance, "upgrade", hours_ago=number)
    assert len(read(instance)) == SHOWN


def test_saves_of_seven_days_are_counted() -> None:
    instance = make_instance_row()
    now = datetime.now(tz=UTC)
    with override("fr"):
        assert "rien" in count_saved(instance, now=now)
        make_backup_row(instance, hours_ago=2)
        make_backup_row(instance, hours_ago=24 * 6)
        make_backup_row(instance, hours_ago=24 * 8)
        make_backup_row(instance, hours_ago=3, state=BackupState.FAILED)
        make_backup_row(instance, hours_ago=4, reason=BackupReason.SAFETY)
        assert "2 fois" in count_saved(instance, now=now)
