"""A download: sealed to one key while it is sent, whole or said not to be, recorded from its first byte on."""

import io
import tarfile
from pathlib import Path

import pyrage
import pytest

from backups.holders import list_holders
from backups.models import Backup, BackupState
from backups.verification import verify_directory
from domain.errors import CiviparoisseError, InvalidValue
from domain.states import OperationKind
from offsite.downloads import begin_download, list_downloads, make_one_time_key, stream_download
from offsite.models import Download
from tests.backups.parishes import Parishes
from tests.backups.rows import make_backup_row
from tests.offsite.conftest import carry_to_end
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


def take(backup: Backup, *parts: str) -> tuple[bytes, str]:
    """Download; the sealed bytes and the key that opens them."""
    key, recipient = make_one_time_key()
    row = begin_download(backup, recipient=recipient, parts=parts, requested_by="test")
    return b"".join(stream_download(row)), key


def unpack(sealed: bytes, key: str, target: Path) -> list[str]:
    """Open and unpack as a person does; the names."""
    plain = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(key)])
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        archive.extractall(target, filter="data")
        return archive.getnames()


@pytest.mark.usefixtures("recovery", "destination")
def test_a_download_is_the_set_from_wherever_it_is(parishes: Parishes, tmp_path: Path) -> None:
    paul = parishes.get()
    backup = Backup.objects.get(backup_id=parishes.run(OperationKind.BACKUP, paul).result["backup_id"])
    carry_to_end()
    directory = parishes.directory(paul) / "backups" / backup.backup_id
    names = sorted(f"{backup.backup_id}/{path.name}" for path in directory.iterdir())
    sealed, key = take(backup)
    assert sorted(unpack(sealed, key, tmp_path / "here")) == names
    assert verify_directory(tmp_path / "here" / backup.backup_id)["rows"] == backup.rows
    with pytest.raises(pyrage.DecryptError):
        unpack(sealed, make_one_time_key()[0], tmp_path / "other")
    aside = directory.with_name("aside")
    directory.rename(aside)
    try:
        sealed, key = take(backup)
    finally:
        aside.rename(directory)
    assert sorted(unpack(sealed, key, tmp_path / "away")) == names
    assert verify_directory(tmp_path / "away" / backup.backup_id)["rows"] == backup.rows
    told = [(row.source, row.error_code, row.ended_at is not None, row.sent_bytes) for row in list_downloads(backup)]
    assert [row[:3] for row in told] == [("shelf", "", True), ("volume", "", True)] and told[0][3] == len(sealed)
    sealed, key = take(backup, "civicrm", "sites")
    some = {name.partition("/")[2].partition(".")[0] for name in unpack(sealed, key, tmp_path / "some")}
    assert {"manifest", "civicrm", "sites"} <= some <= {"manifest", "instance", "civicrm", "sites"}
    with pytest.raises(InvalidValue):
        take(backup, "other")
    judge_damage(backup, directory)


def judge_damage(backup: Backup, directory: Path) -> None:
    """A byte that changed is told, and never handed over as whole."""
    artifact = max(directory.iterdir(), key=lambda path: path.stat().st_size)
    whole = artifact.read_bytes()
    for wrong in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:-1], whole + b"x"):
        artifact.write_bytes(wrong)
        try:
            with pytest.raises(CiviparoisseError) as damaged:
                take(backup)
        finally:
            artifact.write_bytes(whole)
        assert damaged.value.code == "download_damaged" and damaged.value.params["artifact"] == artifact.name
        last = Download.objects.order_by("-pk")[0]
        assert (last.error_code, last.ended_at is not None) == ("download_damaged", True)


def test_who_goes_away_in_the_middle_is_noted(parishes: Parishes) -> None:
    backup = Backup.objects.get(backup_id=parishes.run(OperationKind.BACKUP, parishes.get()).result["backup_id"])
    row = begin_download(backup, recipient=make_one_time_key()[1], parts=(), requested_by="test")
    chunks = stream_download(row)
    assert next(chunks).startswith(b"age-encryption.org/v1")
    assert list_holders([backup.backup_id]) == {backup.backup_id: ("download by test",)}
    chunks.close()
    assert list_holders([backup.backup_id]) == {}
    row.refresh_from_db()
    assert (row.error_code, row.ended_at is not None) == ("GeneratorExit", True)


@pytest.mark.parametrize("recipient", ["", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1"])
def test_what_is_no_public_key_is_refused_and_nothing_is_recorded(recipient: str) -> None:
    backup = make_backup_row(make_instance_row())
    with pytest.raises(InvalidValue) as refused:
        begin_download(backup, recipient=recipient, parts=(), requested_by="test")
    assert refused.value.params["field"] == "recipient" and not Download.objects.exists()


def test_a_key_with_a_wrong_letter_is_told_as_that() -> None:
    backup = make_backup_row(make_instance_row())
    right = make_one_time_key()[1]
    wrong = right[:-1] + ("q" if right[-1] != "q" else "p")
    with pytest.raises(CiviparoisseError) as refused:
        begin_download(backup, recipient=wrong, parts=(), requested_by="test")
    assert refused.value.code == "recipient_mistyped" and not Download.objects.exists()


def test_a_set_that_is_not_good_is_not_downloaded() -> None:
    backup = make_backup_row(make_instance_row(), state=BackupState.FAILED)
    with pytest.raises(CiviparoisseError) as refused:
        begin_download(backup, recipient=make_one_time_key()[1], parts=(), requested_by="test")
    assert refused.value.code == "backup_not_good"
