"""Reading a set back: any directory, and through the engine."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from backups.models import Backup, BackupState
from backups.verification import verify_backup, verify_directory
from domain.errors import CiviparoisseError, ProgramFailed
from programs.run.failures import ProgramError
from tenants.models import Instance
from tests.backups.sets import damage_set, make_set
from tests.engines import FakeEngine


def test_a_directory_is_read_back_without_database_or_engine(tmp_path: Path) -> None:
    set_dir = make_set(tmp_path)
    figures = verify_directory(set_dir)
    assert (figures["backup_id"], figures["members"], figures["signature_checked"]) == (set_dir.name, 4, False)
    assert verify_directory(set_dir, key_file=tmp_path / "key", tenant="saint-paul")["signature_checked"] is True


def test_a_damaged_set_names_the_artifact(tmp_path: Path) -> None:
    set_dir = make_set(tmp_path)
    name = damage_set(set_dir)
    with pytest.raises(ProgramError) as refused:
        verify_directory(set_dir)
    assert refused.value.code == "artifact_damaged"
    assert name in refused.value.message


def test_what_is_no_set_is_refused(tmp_path: Path) -> None:
    set_dir = make_set(tmp_path)
    (tmp_path / "other-key").write_bytes(b"some other key of the manifest")
    refusals = {
        "manifest_missing": lambda: verify_directory(tmp_path),
        "signature_invalid": lambda: verify_directory(set_dir, key_file=tmp_path / "other-key"),
        "other_tenant": lambda: verify_directory(set_dir, tenant="sainte-marie"),
    }
    for code, verify in refusals.items():
        with pytest.raises(ProgramError) as refused:
            verify()
        assert refused.value.code == code


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_read_back_where_it_lies(engine: FakeEngine, backed_up: tuple[Instance, str]) -> None:
    Backup.objects.filter(backup_id=backed_up[1]).update(verified_at=None)
    verify_backup(Backup.objects.get())
    assert Backup.objects.get().verified_at is not None
    assert engine.list_effects("saint-paul")[1:] == ["run verify"]


@pytest.mark.django_db(transaction=True)
def test_a_backup_found_damaged_is_not_good_any_more(engine: FakeEngine, backed_up: tuple[Instance, str]) -> None:
    engine.fail("saint-paul", "run_job verify", times=1, code="lost")
    with pytest.raises(CiviparoisseError) as refused:
        verify_backup(Backup.objects.get())
    assert (refused.value.code, Backup.objects.get().state) == ("job_lost", BackupState.GOOD)
    engine.fail("saint-paul", "run_job verify", times=1, code="artifact_damaged")
    with pytest.raises(ProgramFailed):
        verify_backup(Backup.objects.get())
    assert Backup.objects.get().state == BackupState.FAILED
    engine.lose_set("saint-paul", backed_up[1])
    with pytest.raises(CiviparoisseError) as refused:
        verify_backup(Backup.objects.get())
    assert refused.value.code == "backup_missing"


@pytest.mark.django_db(transaction=True)
def test_a_verification_that_does_not_end_is_killed(
    engine: FakeEngine, backed_up: tuple[Instance, str], settings: LazySettings
) -> None:
    assert backed_up
    settings.BACKUP_TIMEOUT_SECONDS = 1
    engine.fail("saint-paul", "run_job verify", times=1, code="hangs")
    with pytest.raises(CiviparoisseError) as refused:
        verify_backup(Backup.objects.get())
    assert refused.value.code == "deadline_exceeded"
    assert engine.list_calls("saint-paul")[-1] == "cancel_job"


def test_what_is_no_directory_or_no_key_is_named(tmp_path: Path) -> None:
    set_dir = make_set(tmp_path)
    for arguments in ({"set_dir": set_dir / "manifest.json"}, {"set_dir": set_dir, "key_file": tmp_path / "no-key"}):
        with pytest.raises(CiviparoisseError) as refused:
            verify_directory(**arguments)
        assert refused.value.code == "file_unreadable"
        assert refused.value.params["path"] == str(list(arguments.values())[-1])
