"""What can be wrong with an instance is found, and nothing else is."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backups.models import BackupState, ProofOutcome, ProofReport
from clusters.models import CertificateExpiry
from domain.states import InstanceState
from offsite.models import BackupCopy, CopyState, Destination, DestinationKind
from operations.models import InstanceRoom, Operation
from operations.upkeep import REQUESTER
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.people import read_page
from tests.rows import make_instance_row
from watch.checks.trouble_rules import Trouble
from watch.checks.troubles import TROUBLES, list_troubled

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def update(**values: object) -> Callable[[Instance], object]:
    return lambda row: Instance.objects.filter(pk=row.pk).update(**values)


def end(row: Instance, *, kind: str = "backup", state: str = "failed", by: str = "jeanne") -> None:
    Operation.objects.create(
        kind=kind, instance=row, subject=row.identifier, requested_by=by, state=state, ended_at=timezone.now()
    )


def fall(row: Instance) -> None:
    for _number in range(3):
        end(row, kind="resume", state="succeeded", by=REQUESTER)


def fill(percent: int, write_error: str = "") -> Callable[[Instance], object]:
    values = {"looked_at": NOW, "most_percent": percent, "write_error": write_error, "percents": {"db": percent}}
    return lambda row: InstanceRoom.objects.create(instance=row, **values)


def expire(row: Instance) -> None:
    CertificateExpiry.objects.create(instance=row, expires_at=NOW + timedelta(days=20), observed_at=NOW)


def fail_to_prove(row: Instance) -> None:
    backup = row.backups.order_by("-started_at").first()
    assert backup is not None
    ProofReport.objects.create(backup=backup, outcome=ProofOutcome.FAILED, ended_at=NOW)


def copy_elsewhere(row: Instance, state: CopyState) -> None:
    """Make a copy in that state of the instance's last backup at a destination in use."""
    shelf = Destination.objects.create(name="shelf", kind=DestinationKind.DIRECTORY)
    BackupCopy.objects.create(backup=row.backups.get(), destination=shelf, state=state)


def leave_unprotected(row: Instance) -> None:
    Destination.objects.create(name="shelf", kind=DestinationKind.DIRECTORY)
    make_backup_row(row, hours_ago=25, stored_bytes=1)


# Trouble -> what makes it, of an instance whose last good backup is three hours old.
MAKERS: dict[Trouble, Callable[[Instance], object]] = {
    Trouble.FAILED: update(state=InstanceState.FAILED.value),
    Trouble.STUCK: update(state=InstanceState.RESTORING.value),
    Trouble.FALLING: fall,
    Trouble.LAST_FAILED: end,
    Trouble.NEVER_BACKED_UP: lambda row: row.backups.all().update(state=BackupState.DELETED),
    Trouble.BACKUP_LATE: lambda row: row.backups.all().update(started_at=NOW - timedelta(hours=60)),
    Trouble.BACKUP_OLD: lambda row: row.backups.all().update(started_at=NOW - timedelta(hours=30)),
    Trouble.BACKUP_IN_FUTURE: lambda row: row.backups.all().update(started_at=NOW + timedelta(hours=3)),
    Trouble.BACKUP_FAILED: lambda row: make_backup_row(row, hours_ago=1, state=BackupState.FAILED),
    Trouble.BACKUP_WARNED: lambda row: row.backups.all().update(warnings=["something"]),
    Trouble.PROOF_FAILED: fail_to_prove,
    Trouble.PROOF_OVERDUE: lambda row: make_backup_row(row, hours_ago=24 * 35, stored_bytes=1),
    Trouble.COPY_DAMAGED: lambda row: copy_elsewhere(row, CopyState.DIFFERENT),
    Trouble.UNPROTECTED: leave_unprotected,
    Trouble.CERTIFICATE_ENDS: expire,
    Trouble.TAKES_NO_ROWS: fill(50, "The table is full"),
    Trouble.VOLUME_FULL: fill(95),
    Trouble.VOLUME_FILLING: fill(85),
    Trouble.CRON_FAILED: update(cron_last_ok=False),
    Trouble.CRON_SILENT: update(cron_next_run_at=NOW - timedelta(hours=5)),
}


def list_all() -> set[Trouble]:
    return {trouble for trouble in Trouble if list_troubled(trouble, now=timezone.now()).exists()}


@pytest.fixture
def well() -> Instance:
    """An instance with nothing wrong."""
    row = make_instance_row(state=InstanceState.ACTIVE)
    make_backup_row(row, hours_ago=3)
    Instance.objects.filter(pk=row.pk).update(cron_last_ok=True, cron_next_run_at=NOW + timedelta(minutes=5))
    return row


def test_what_is_well_has_no_trouble(well: Instance) -> None:
    end(well, state="failed")
    end(well, state="succeeded")
    make_backup_row(well, hours_ago=4, state=BackupState.FAILED, warnings=["x"])
    assert list_all() == set()


@pytest.mark.parametrize("trouble", Trouble)
def test_each_trouble_is_found_alone(well: Instance, trouble: Trouble) -> None:
    MAKERS[trouble](well)
    assert list_all() == {trouble}
    Instance.objects.filter(pk=well.pk).update(state=InstanceState.DELETED.value)
    assert list_all() == set()


@pytest.mark.usefixtures("well")
def test_each_trouble_narrows_the_list(admin_client: Client) -> None:
    assert set(TROUBLES) == set(Trouble)
    make_instance_row("saint-jean", state=InstanceState.FAILED)
    page = read_page(admin_client, "/admin/tenants/instance/", trouble="failed")
    assert "saint-jean" in page and ">saint-paul<" not in page and "Jamais sauvegardée" in page
    assert ">saint-paul<" in read_page(admin_client, "/admin/tenants/instance/", trouble="nothing-known")


def test_an_operation_at_work_is_not_stuck(well: Instance) -> None:
    Instance.objects.filter(pk=well.pk).update(state=InstanceState.RESTORING.value)
    Operation.objects.create(
        kind="restore", instance=well, subject=well.identifier, requested_by="jeanne", lock=well.identifier
    )
    assert list_all() == set()
