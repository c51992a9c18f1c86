"""recovery.moments: an archive before each migration of a manager that has parishes, and at each change of keys."""

from pathlib import Path

import pytest
from celery import current_app
from celery.signals import worker_ready
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import CommandError

from offsite.models import Destination, RecoveryKey
from recovery.models import ManagerArchive
from recovery.moments import archive_before_migration, forget_migration
from recovery.tasks import run_archive
from tests.recovery.archives import make_manager, prove_key

PLAN = [("a migration", False)]


@pytest.mark.django_db(transaction=True)
class TestMigrations:
    """Told once for each application, as Django does."""

    def teardown_method(self) -> None:
        """The next run is another one."""
        forget_migration()

    def test_one_archive_is_made_before_the_first_change(self, tmp_path: Path) -> None:
        make_manager(tmp_path / "place")
        for _app in range(3):
            archive_before_migration(plan=PLAN, using="default")
        assert [row.reason for row in ManagerArchive.objects.all()] == ["migration"]
        forget_migration()
        archive_before_migration(plan=PLAN, using="default")
        assert ManagerArchive.objects.count() == 2

    def test_a_real_migration_is_archived_and_one_that_changes_nothing_is_not(self, tmp_path: Path) -> None:
        make_manager(tmp_path / "place")
        call_command("migrate", verbosity=0)
        assert not ManagerArchive.objects.exists()
        try:
            call_command("migrate", "axes", "zero", verbosity=0)
            assert ManagerArchive.objects.count() == 1
        finally:
            call_command("migrate", verbosity=0)
        assert ManagerArchive.objects.count() == 2

    def test_without_parishes_or_a_key_the_migration_goes_on(self, tmp_path: Path) -> None:
        archive_before_migration(plan=PLAN, using="default")
        forget_migration()
        make_manager(tmp_path / "place")
        RecoveryKey.objects.update(proven_at=None)
        archive_before_migration(plan=PLAN, using="default")
        assert not ManagerArchive.objects.exists()

    def test_an_archive_that_fails_stops_it_unless_told_otherwise(
        self, tmp_path: Path, settings: pytest.MonkeyPatch
    ) -> None:
        make_manager(tmp_path / "place")
        away = {"bucket": "b", "endpoint": "http://127.0.0.1:9", "access_key_id": "a", "secret_access_key": "hidden"}
        row = Destination.objects.get()
        row.kind, row.settings = "s3", away
        row.save()
        with pytest.raises(CommandError) as error:
            archive_before_migration(plan=PLAN, using="default")
        assert "CIVIPAROISSE_MIGRATE_WITHOUT_ARCHIVE" in str(error.value) and "hidden" not in str(error.value)
        forget_migration()
        settings.MIGRATE_WITHOUT_ARCHIVE = True  # type: ignore[attr-defined]
        archive_before_migration(plan=PLAN, using="default")


@pytest.mark.django_db(transaction=True)
def test_a_new_key_asks_a_worker_for_an_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_options: sent.append((name, args)))
    prove_key()
    assert sent == [("recovery.archive", ("keys",))]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_bars_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError("away")

    monkeypatch.setattr(current_app, "send_task", fail)
    prove_key()
    assert RecoveryKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_other_field_keys_are_archived_when_the_worker_that_reads_them_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: pytest.MonkeyPatch
) -> None:
    make_manager(tmp_path / "place")
    monkeypatch.setattr(current_app, "send_task", lambda _name, args, **_options: run_archive(*args))
    # The first archive names the manager, which is a row more.
    for _start in range(2):
        worker_ready.send(sender=None)
    count = ManagerArchive.objects.count()
    worker_ready.send(sender=None)
    assert ManagerArchive.objects.count() == count > 0, "nothing differs"
    settings.FIELD_KEYS = f"{settings.FIELD_KEYS}\nlater:{Fernet.generate_key().decode()}"  # type: ignore[attr-defined]
    worker_ready.send(sender=None)
    assert ManagerArchive.objects.count() == count + 1
