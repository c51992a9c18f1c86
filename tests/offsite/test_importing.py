"""Sets of other managers, real ones: what is believed, what is refused, and that a restore takes what was imported."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from backups.kinds.verify import VERIFY
from backups.models import Backup, BackupState
from domain.errors import CiviparoisseError
from domain.specs import InstanceKind
from domain.states import InstanceState, OperationKind
from offsite.import_trust import ACCEPTED_WARNING, Trust
from offsite.importing import Imported, import_set, list_set_directories
from programs.run.failures import ProgramError
from programs.sets.manifest import parse_manifest
from tenants.models import Instance
from tests.backups.parishes import Parishes
from tests.backups.rows import make_backup_row
from tests.backups.sets import make_set
from tests.engines import FakeEngine
from tests.offsite.conftest import carry_to_end
from tests.programs.forgery import forge_set, read_plain
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]

OTHER_KEY = b"the key of a neighbour's manager"


@pytest.fixture
def abroad() -> Iterator[Path]:
    """A directory on a file system where sets of others lie."""
    directory = Path(tempfile.mkdtemp(prefix="cp-abroad-", dir="/tmp"))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def paul(parishes: Parishes) -> Iterator[Instance]:
    """A parish without any set, before and after."""
    instance = parishes.get()
    yield instance
    home = parishes.directory(instance) / "backups"
    for name in list_sets(home):
        shutil.rmtree(home / name)


def make_lost_set(parishes: Parishes, instance: Instance, abroad: Path) -> Path:
    """Return a real set of the instance that is elsewhere, and that the manager knows nothing of."""
    backup_id = parishes.run(OperationKind.BACKUP, instance).result["backup_id"]
    lost = abroad / backup_id
    shutil.move(parishes.directory(instance) / "backups" / backup_id, lost)
    Backup.objects.all().delete()
    return lost


def list_sets(home: Path) -> list[str]:
    """Return the names of the directories among an instance's sets; its lock is there too."""
    return sorted(path.name for path in home.iterdir() if path.is_dir())


def bring(source: Path, *, accepted: str = "", dry_run: bool = False) -> Imported:
    """Import a set as the command does."""
    return import_set(source, accepted=accepted, dry_run=dry_run, requested_by="test", now=timezone.now())


def refuse(source: Path, *, accepted: str = "") -> str:
    """Return the code with which a set is refused, both in a dry run and for real."""
    codes = set()
    for dry_run in (True, False):
        with pytest.raises((ProgramError, CiviparoisseError)) as refused:
            bring(source, accepted=accepted, dry_run=dry_run)
        codes.add(refused.value.code)  # type: ignore[union-attr]
    assert len(codes) == 1, codes
    return str(codes.pop())


def read_all(directory: Path) -> dict[str, bytes]:
    """Return what a set holds."""
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_a_lost_set_of_its_own_comes_back_and_is_restored(parishes: Parishes, paul: Instance, abroad: Path) -> None:
    before = parishes.read(paul)
    lost = make_lost_set(parishes, paul, abroad)
    held = read_all(lost)
    tried = bring(lost, dry_run=True)
    home = parishes.directory(paul) / "backups"
    assert (tried.known, tried.trust) == (False, Trust.SIGNED)
    assert list_sets(home) == [] and not Backup.objects.exists()
    assert bring(lost).trust is Trust.SIGNED
    row = Backup.objects.get()
    assert (row.state, row.instance, row.backup_id) == (BackupState.GOOD, paul, lost.name)
    assert row.pinned_at is not None and row.verified_at is not None and row.rows and row.tables and row.members
    assert row.started_at.isoformat() == parse_manifest(held["manifest.json"]).started_at.replace("Z", "+00:00")
    assert read_all(home / lost.name) == read_all(lost) == held
    owner = (home.stat().st_uid, home.stat().st_gid)
    assert {(path.stat().st_uid, path.stat().st_gid) for path in (home / lost.name).rglob("*")} == {owner}
    again = bring(lost)
    assert again.known and Backup.objects.count() == 1
    parishes.execute(paul, "DROP TABLE civilog.log_civicrm_contact")
    parishes.write_file(paul, "private/later", b"of after the set")
    parishes.run(OperationKind.RESTORE, paul, backup_id=lost.name, confirm=paul.identifier)
    assert parishes.read(paul) == before


def test_a_neighbours_set_is_accepted_by_typing_alone(parishes: Parishes, paul: Instance, abroad: Path) -> None:
    lost = make_lost_set(parishes, paul, abroad)
    foreign = forge_set(lost, abroad / "foreign", key=OTHER_KEY)
    held = read_all(foreign)
    assert refuse(foreign) == refuse(foreign, accepted="sainte-marie") == "import_unsigned"
    home = parishes.directory(paul) / "backups"
    assert list_sets(home) == [] and not Backup.objects.exists()
    assert bring(foreign, accepted=paul.identifier, dry_run=True).trust is Trust.ACCEPTED
    taken = bring(foreign, accepted=paul.identifier)
    assert taken.trust is Trust.ACCEPTED and ACCEPTED_WARNING in taken.warnings
    row = Backup.objects.get()
    assert row.state == BackupState.GOOD and ACCEPTED_WARNING in row.warnings
    assert read_all(foreign) == held
    # From now on it is the instance's own for every later verification, and says for ever how it came.
    parishes.run(VERIFY.code, paul, backup=row.backup_id)
    assert bring(foreign).known
    # Another set under its identifier, lost meanwhile from the volume: the one that was noted, or none.
    shutil.rmtree(home / row.backup_id)
    assert refuse(lost) == "import_differs"
    assert not bring(foreign, accepted=paul.identifier).known


def test_what_is_hostile_cut_or_altered_is_refused_and_nothing_stays(
    parishes: Parishes, paul: Instance, abroad: Path
) -> None:
    lost = make_lost_set(parishes, paul, abroad)
    dump = read_plain(lost, "civicrm.sql.gz")
    spoilt = dump.replace(b"\n-- Dump completed", b"\nDROP DATABASE civilog;\n-- Dump completed")
    assert spoilt != dump
    own, other = paul.secrets["manifest_key"].encode(), paul.identifier
    forge_set(lost, abroad / "statement", contents={"civicrm.sql.gz": spoilt}, key=own)
    forge_set(lost, abroad / "parish", key=OTHER_KEY, tenant="sainte-marie")
    forge_set(lost, abroad / "nobody", key=OTHER_KEY, instance="nobody")
    forge_set(lost, abroad / "future", key=OTHER_KEY, backup_id="29991231T000000Z-5f3a9c")
    forge_set(lost, abroad / "late", key=OTHER_KEY, started_at=(timezone.now() + timedelta(days=1)).isoformat())
    forge_set(lost, abroad / "timeless", key=OTHER_KEY, started_at="yesterday")
    for name in ("cut", "extra", "short", "linked", "altered", "begun"):
        shutil.copytree(lost, abroad / name)
    with (abroad / "cut" / "civicrm.sql.gz").open("r+b") as file:
        file.truncate(100)
    (abroad / "extra" / "more.sql.gz").write_bytes(b"more")
    (abroad / "short" / "civicrm.sql.gz").unlink()
    (abroad / "linked" / "civicrm.sql.gz").unlink()
    (abroad / "linked" / "civicrm.sql.gz").symlink_to(lost / "civicrm.sql.gz")
    manifest = abroad / "altered" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"hot"', b'"cold"'))
    (abroad / "begun" / "manifest.json").unlink()
    said = {path.name: refuse(path, accepted=other) for path in abroad.iterdir() if path != lost}
    assert said == {
        "statement": "hostile_sql",
        "parish": "other_tenant",
        "nobody": "not_found",
        "future": "import_future",
        "late": "import_future",
        "timeless": "manifest_invalid",
        "cut": "artifact_damaged",
        "extra": "artifact_unknown",
        "short": "artifact_missing",
        "linked": "artifact_damaged",
        "altered": "signature_invalid",
        "begun": "manifest_missing",
    }
    assert not Backup.objects.exists()
    directory = parishes.directory(paul)
    assert list_sets(directory / "backups") == [] and list(directory.glob(".import-*")) == []


def test_an_import_that_died_is_gone_on_with_and_what_lies_there_stays(
    parishes: Parishes, paul: Instance, abroad: Path
) -> None:
    lost = make_lost_set(parishes, paul, abroad)
    home = parishes.directory(paul) / "backups"
    bring(lost)
    number = (home / lost.name).stat().st_ino
    # As it is between the name and the row.
    Backup.objects.all().delete()
    assert not bring(lost).known
    assert Backup.objects.get().state == BackupState.GOOD and (home / lost.name).stat().st_ino == number
    # Its own directory is a place like any other.
    Backup.objects.all().delete()
    assert bring(home / lost.name).trust is Trust.SIGNED and (home / lost.name).stat().st_ino == number
    Backup.objects.all().delete()
    with (home / lost.name / "civicrm.sql.gz").open("r+b") as file:
        file.truncate(100)
    assert refuse(lost, accepted=paul.identifier) == "artifact_damaged"
    assert (home / lost.name / "civicrm.sql.gz").stat().st_size == 100
    (home / lost.name / "manifest.json").unlink()
    assert refuse(lost) == "import_differs" and not Backup.objects.exists()


@pytest.mark.usefixtures("recovery", "destination")
def test_what_this_manager_countersigned_is_believed_with_another_key(
    parishes: Parishes, paul: Instance, abroad: Path
) -> None:
    backup_id = parishes.run(OperationKind.BACKUP, paul).result["backup_id"]
    carry_to_end()
    home = parishes.directory(paul) / "backups"
    shutil.move(home / backup_id, abroad / backup_id)
    Backup.objects.update(state=BackupState.DELETED, deleted_at=timezone.now())
    earlier = paul.secrets["manifest_key"]
    try:
        # As after an instance was made anew: the sets of before bear another key.
        paul.secrets["manifest_key"] = "n" * 43
        paul.save()
        assert bring(abroad / backup_id).trust is Trust.COUNTERSIGNED
        row = Backup.objects.get()
        assert (row.state, row.deleted_at, row.warnings) == (BackupState.GOOD, None, [])
        assert refuse(
            forge_set(abroad / backup_id, abroad / "forged", key=OTHER_KEY, backup_id=f"{backup_id[:-6]}000000")
        )
    finally:
        paul.secrets["manifest_key"] = earlier
        paul.save()


@pytest.mark.usefixtures("parishes")
def test_where_it_cannot_be_it_is_said(engine: FakeEngine, tmp_path: Path) -> None:
    lost = make_set(tmp_path)
    assert refuse(lost) == "not_found"
    row = make_instance_row(state=InstanceState.ACTIVE)
    assert (
        engine.find_sets_directory(row.identifier) is None
        and refuse(lost, accepted=row.identifier) == "import_not_here"
    )
    Instance.objects.filter(pk=row.pk).update(engine="real", state=InstanceState.DELETED)
    assert refuse(lost, accepted=row.identifier) == "import_no_volume"


@pytest.mark.usefixtures("engine")
def test_a_backup_under_way_or_of_another_instance_is_left_alone(
    parishes: Parishes, paul: Instance, abroad: Path
) -> None:
    lost = make_lost_set(parishes, paul, abroad)
    row = make_backup_row(paul, state=BackupState.RUNNING)
    Backup.objects.filter(pk=row.pk).update(backup_id=lost.name)
    assert refuse(lost) == "import_running"
    other = parishes.get("saint-paul", kind=InstanceKind.SANDBOX)
    Backup.objects.filter(pk=row.pk).update(instance=other, state=BackupState.GOOD)
    assert refuse(lost) == "import_differs"


def test_a_place_is_a_set_or_a_directory_of_sets(tmp_path: Path) -> None:
    found = make_set(tmp_path)
    assert list_set_directories(found) == list_set_directories(found.parent) == [found]
    for nothing in (tmp_path / "files", tmp_path / "unknown", tmp_path / "key"):
        with pytest.raises(CiviparoisseError) as refused:
            list_set_directories(nothing)
        assert refused.value.code == "file_unreadable"
    assert os.listdir(tmp_path / "files") == ["été.txt"]
