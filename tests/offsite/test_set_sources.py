"""Where a set is read from: its volume while it is there, then a copy away; always what was noted of it."""

import pytest

from backups.models import Backup
from domain.errors import CiviparoisseError
from domain.states import OperationKind
from offsite.models import Destination
from offsite.set_sources import VOLUME, find_part, open_set
from tests.backups.parishes import Parishes
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine
from tests.offsite.conftest import carry_to_end
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


def test_parts_are_named_as_databases_and_trees() -> None:
    names = ("civicrm.sql.gz", "sites.tar.zst", "sites.index.gz", "a.b.sql.gz", "manifest.json", "instance.json")
    assert [find_part(name) for name in names] == ["civicrm", "sites", "sites", "a.b", "", ""]


def test_a_set_that_is_nowhere_is_said(engine: FakeEngine) -> None:
    backup = make_backup_row(make_instance_row())
    assert engine.find_sets_directory("saint-paul") is None
    with pytest.raises(CiviparoisseError) as nowhere, open_set(backup):
        raise AssertionError("there is nothing")
    assert nowhere.value.code == "download_nowhere"


@pytest.mark.usefixtures("recovery", "destination")
def test_the_volume_and_the_copy_give_the_same_bytes(parishes: Parishes) -> None:
    paul = parishes.get()
    backup = Backup.objects.get(backup_id=parishes.run(OperationKind.BACKUP, paul).result["backup_id"])
    carry_to_end()
    here = read(backup)
    assert here[0] == VOLUME and "manifest.json" in here[1] and len(here[1]) > 3
    directory = parishes.directory(paul) / "backups" / backup.backup_id
    aside = directory.with_name("aside")
    directory.rename(aside)
    try:
        away = read(backup)
    finally:
        aside.rename(directory)
    assert away[0] == Destination.objects.get().name and away[1] == here[1]
    Backup.objects.update(manifest_sha256="0" * 64)
    backup.refresh_from_db()
    with pytest.raises(CiviparoisseError) as damaged, open_set(backup):
        raise AssertionError("another manifest must not be believed")
    assert damaged.value.code == "download_damaged"


def read(backup: Backup) -> tuple[str, dict[str, tuple[str, bytes]]]:
    """Where the set was read from, and part and bytes of each artifact."""
    with open_set(backup) as (source, pieces):
        found = {}
        for piece in pieces:
            with piece.open() as plain:
                chunks = iter(lambda: plain.read(65536), b"")
                found[piece.name] = (piece.part, b"".join(chunks))
        assert pieces[0].name == "manifest.json"
        return source, found
