"""recovery.restoring: the newest whole archive comes back, what is there is put aside, and nothing half is left."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as project
from django.utils import timezone

from domain.errors import CiviparoisseError
from recovery import restoring
from recovery.making import make_archive
from recovery.models import ArchiveReason
from recovery.places import FoundArchive, list_archives, reaching, read_destination
from recovery.restoring import Restored, Target, refuse_existing, restore_newest, select_archives
from recovery.sealing import make_identity, parse_identity
from tenants.models import Tenant
from tests.gates.source import ROOT
from tests.recovery.archives import make_manager

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """An empty machine."""
    path = tmp_path / "empty"
    path.mkdir()
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path / "manager.sqlite3")}
    return Target(state=path, database=database, root=ROOT)


def restore(place: Path, key: str, target: Target) -> Restored:
    """Restore from a directory."""
    with reaching(read_destination(place)) as carrier:
        return restore_newest(carrier, list_archives(carrier), parse_identity(key), target)


def list_names(target: Target) -> list[str]:
    """What is in the state directory, deeply."""
    return sorted(str(path.relative_to(target.state)) for path in target.state.rglob("*") if path.is_file())


BACK = ["keys/field_keys", "keys/secret_key", "manager.sqlite3", "restored-settings.json"]


def test_keys_and_rows_come_back_private(tmp_path: Path, target: Target) -> None:
    key = make_manager(tmp_path / "place")
    make_archive(ArchiveReason.REQUESTED, now=NOW)
    refuse_existing(target, replace="")
    restored = restore(tmp_path / "place", key, target)
    assert list_names(target) == BACK and restored.put_aside is None and restored.refused == []
    assert all((target.state / name).stat().st_mode & 0o777 == 0o600 for name in BACK)
    assert (target.state / "keys").stat().st_mode & 0o777 == 0o700
    assert (target.state / "keys" / "field_keys").read_text().strip() == project.FIELD_KEYS.strip()
    with pytest.raises(CiviparoisseError) as error:
        refuse_existing(target, replace="")
    assert error.value.code == "manager_state_exists"
    refuse_existing(target, replace=str(target.state))


def test_a_damaged_newest_gives_way_to_the_one_before(tmp_path: Path, target: Target) -> None:
    key = make_manager(tmp_path / "place")
    make_archive(ArchiveReason.REQUESTED, now=NOW)
    Tenant.objects.update(city="Colmar")
    make_archive(ArchiveReason.REQUESTED, now=NOW + timedelta(minutes=15))
    newest = sorted(path for path in (tmp_path / "place").rglob("*") if path.is_file())[-1]
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes(data)
    restored = restore(tmp_path / "place", key, target)
    assert [error.code for _archive, error in restored.refused] == ["archive_damaged"]
    assert restored.archive.made_at < NOW + timedelta(minutes=1) and list_names(target) == BACK


def test_another_key_changes_nothing(tmp_path: Path, target: Target) -> None:
    make_manager(tmp_path / "place")
    make_archive(ArchiveReason.REQUESTED, now=NOW)
    with pytest.raises(CiviparoisseError) as error:
        restore(tmp_path / "place", str(make_identity()[0]), target)
    assert error.value.code == "archive_sealed_otherwise" and list_names(target) == []


def test_what_is_there_is_put_aside_and_never_deleted(tmp_path: Path, target: Target) -> None:
    key = make_manager(tmp_path / "place")
    make_archive(ArchiveReason.REQUESTED, now=NOW)
    (target.state / "keys").mkdir()
    (target.state / "keys" / "field_keys").write_text("an older one")
    restored = restore(tmp_path / "place", key, target)
    assert restored.put_aside is not None and restored.put_aside.stat().st_mode & 0o777 == 0o700
    assert (restored.put_aside / "keys" / "field_keys").read_text() == "an older one"


def test_a_run_that_was_killed_between_keys_and_database_is_run_again(
    tmp_path: Path, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_manager(tmp_path / "place")
    make_archive(ArchiveReason.REQUESTED, now=NOW)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):

        def stop(*_arguments: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(restoring, "put_back", stop)
        restore(tmp_path / "place", key, target)
    assert not (target.state / "manager.sqlite3").exists()
    refuse_existing(target, replace="")
    restore(tmp_path / "place", key, target)
    assert set(BACK) <= set(list_names(target))


def test_a_newer_version_is_refused_before_anything_changes(
    tmp_path: Path, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_manager(tmp_path / "place")
    with monkeypatch.context() as patch:
        patch.setattr("recovery.making.list_migrations", lambda: {"tenants": ["0001_initial", "9999_future"]})
        make_archive(ArchiveReason.REQUESTED, now=NOW)
    with pytest.raises(CiviparoisseError) as error:
        restore(tmp_path / "place", key, target)
    assert error.value.code == "archive_newer" and list_names(target) == []


def found(manager: str, hour: int) -> FoundArchive:
    """An archive of that hour."""
    return FoundArchive("path", manager, f"{hour}", datetime(2026, 11, 30, hour, tzinfo=UTC), 1)


def test_the_archives_of_one_manager_are_chosen() -> None:
    some = [found("a", 9), found("b", 8), found("a", 7)]
    with pytest.raises(CiviparoisseError) as error:
        select_archives(some, place="here")
    assert error.value.code == "archive_ambiguous" and error.value.params["managers"] == "a, b"
    assert select_archives(some, place="here", manager="a") == [some[0], some[2]]
    at = datetime(2026, 11, 30, 8, tzinfo=UTC)
    assert select_archives(some, place="here", manager="a", at=at) == [some[2]]
    assert select_archives(some, place="here", manager="b", at=at) == [some[1]]
    for manager, moment in (("c", None), ("a", at - timedelta(hours=2))):
        with pytest.raises(CiviparoisseError) as error:
            select_archives(some, place="here", manager=manager, at=moment)
        assert error.value.code == "archive_not_found"
