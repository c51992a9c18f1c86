"""Ages of what is saved, each by the newest that counts; volumes and certificates."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backups.models import BackupReason, BackupScope, BackupState, ProofOutcome, ProofReport
from backups.policies import choose_policy, create_policy
from clusters.models import CertificateExpiry
from domain.states import InstanceState
from offsite.models import BackupCopy, CopyState, Destination, DestinationKind
from offsite.protection import get_last_protected
from operations.models import InstanceRoom
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row
from watch.metrics.instances import list_instance_metrics

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def read(name: str) -> dict[tuple[str, ...], float]:
    families = {family.name: family for family in list_instance_metrics(now=timezone.now())}
    return {tuple(sample.labels.values()): sample.value for sample in families[f"civiparoisse_{name}"].samples}


def test_the_newest_good_whole_set_counts_and_a_safety_copy_does_not() -> None:
    row = make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    wanted = make_backup_row(row, hours_ago=9)
    make_backup_row(row, hours_ago=30)
    make_backup_row(row, hours_ago=3, reason=BackupReason.SAFETY)
    make_backup_row(row, hours_ago=2, scope=BackupScope.DATABASE)
    make_backup_row(row, hours_ago=1, state=BackupState.FAILED)
    assert list(read("backup_last_good_timestamp_seconds").values()) == [wanted.started_at.timestamp()]


def test_volumes_and_certificates() -> None:
    now = timezone.now()
    row = make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    room = {"percents": {"db": 91}, "free_bytes": {"db": 5000}, "most_percent": 91}
    InstanceRoom.objects.create(instance=row, looked_at=now, **room)
    CertificateExpiry.objects.create(instance=row, expires_at=now + timedelta(days=9), observed_at=now)
    where = ("saint-paul", "saint-paul", "production")
    assert read("volume_used_ratio") == {(*where, "db"): 0.91} and read("volume_free_bytes") == {(*where, "db"): 5000.0}
    assert read("certificate_expiry_timestamp_seconds") == {where: (now + timedelta(days=9)).timestamp()}
    assert read("cron_last_success") == {}
    row.cron_last_ok = False
    row.save()
    assert read("cron_last_success") == {where: 0.0}


def test_protected_is_what_lists_and_checks_call_so() -> None:
    row = make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    backup = make_backup_row(row, hours_ago=25, stored_bytes=1)
    values = {"name": "two", "label": "x", "keep_last": 2, "copies_wanted": 2}
    choose_policy(row, create_policy(values, requested_by="test"), requested_by="test")
    for number, place in enumerate(("shelf", "shelf", "attic")):
        assert read("backup_last_protected_timestamp_seconds") == {}, "two names of one place are one place"
        there = Destination.objects.create(name=f"d{number}", kind=DestinationKind.DIRECTORY, place=place)
        made = {"state": CopyState.CHECKED, "checked_at": timezone.now(), "copied_at": timezone.now()}
        BackupCopy.objects.create(backup=backup, destination=there, **made)
    assert list(read("backup_last_protected_timestamp_seconds").values()) == [backup.started_at.timestamp()]
    assert get_last_protected(row) == backup.started_at
    BackupCopy.objects.update(state=CopyState.DIFFERENT)
    assert read("backup_last_protected_timestamp_seconds") == {}


def test_proven_is_the_last_proof_that_succeeded() -> None:
    row = make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    backup, now = make_backup_row(row, hours_ago=25), timezone.now()
    for hours, outcome in ((9, ProofOutcome.PROVEN), (5, ProofOutcome.FAILED), (1, ProofOutcome.UNDECIDED)):
        ProofReport.objects.create(backup=backup, outcome=outcome, ended_at=now - timedelta(hours=hours))
    ended = (now - timedelta(hours=9)).timestamp()
    assert list(read("backup_last_proven_timestamp_seconds").values()) == [ended]
