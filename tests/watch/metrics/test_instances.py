"""Ages of what is saved, each by the newest that counts; volumes and certificates."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backups.models import BackupReason, BackupScope, BackupState
from clusters.models import CertificateExpiry
from domain.states import InstanceState
from operations.models import InstanceRoom
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row
from watch.metrics.instances import list_instance_metrics

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def read(name: str) -> dict[tuple[str, ...], float]:
    families = {family.name: family for family in list_instance_metrics()}
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
