"""recovery.making: one archive, sealed to proven keys alone, opened, sent, checked; and only when something changed."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from domain.errors import CiviparoisseError
from offsite.models import Destination, RecoveryKey
from operations.models import Pulse
from operations.pulse import read_pulses, record_pulse
from recovery import making
from recovery.archive import Manifest, read_archive
from recovery.making import ARCHIVE_PULSE, hold_lock, make_archive
from recovery.models import ArchiveReason, ManagerArchive, ManagerCopy
from recovery.sealing import make_identity, open_sealed, parse_identity
from tenants.models import Tenant
from tests.recovery.archives import make_directory, make_manager, prove_key
from tests.rows import make_tenant_row

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()


def list_objects(place: Path) -> list[Path]:
    """The objects of a directory, in the order of their names."""
    return sorted(path for path in place.rglob("*") if path.is_file())


def open_with(key: str, sealed: Path, target: Path | None = None) -> Manifest:
    """What an archive holds."""
    return open_sealed(sealed, parse_identity(key), lambda stream: read_archive(stream, target))


def test_the_archive_opens_with_the_paper_alone_and_holds_the_manager(tmp_path: Path) -> None:
    key = make_manager(tmp_path / "place")
    unproven, recipient = make_identity()
    RecoveryKey.objects.create(recipient=recipient, created_by="cli:marie")
    archive = make_archive(ArchiveReason.REQUESTED, now=NOW)
    assert archive is not None and archive.checked_at == NOW
    (sealed,) = list_objects(tmp_path / "place")
    assert sealed.stat().st_size == archive.sealed_bytes
    (tmp_path / "out").mkdir()
    manifest = open_with(key, sealed, tmp_path / "out")
    assert manifest.tables["tenants_tenant"] == 1 and manifest.reason == "requested"
    assert {"keys/secret_key", "keys/field_keys"} <= {part.name for part in manifest.parts}
    with pytest.raises(CiviparoisseError):
        open_with(str(unproven), sealed)
    copy = ManagerCopy.objects.get()
    assert copy.checked_at == NOW and read_pulses()[ARCHIVE_PULSE] == NOW


def test_names_say_nothing_and_no_plain_file_is_left(state: Path, tmp_path: Path) -> None:
    make_manager(tmp_path / "place")
    make_archive(ArchiveReason.REQUESTED, now=NOW)
    assert [path.name for path in state.iterdir()] == ["archiving.lock"]
    (sealed,) = list_objects(tmp_path / "place")
    assert "paul" not in str(sealed.relative_to(tmp_path / "place"))
    assert b"saint-paul" not in sealed.read_bytes() and b"secret" not in sealed.read_bytes()


def test_the_same_thing_is_not_archived_twice_and_a_pulse_is_no_change(tmp_path: Path) -> None:
    make_manager(tmp_path / "place")
    assert make_archive(ArchiveReason.SCHEDULED, now=NOW) is not None
    record_pulse("clock", now=NOW + timedelta(minutes=1))
    assert make_archive(ArchiveReason.SCHEDULED, now=NOW + timedelta(minutes=15)) is None
    assert read_pulses()[ARCHIVE_PULSE] == NOW + timedelta(minutes=15), "it has looked"
    Tenant.objects.update(city="Colmar")
    assert make_archive(ArchiveReason.SCHEDULED, now=NOW + timedelta(minutes=30)) is not None
    assert make_archive(ArchiveReason.REQUESTED, now=NOW + timedelta(minutes=31)) is not None
    assert len(list_objects(tmp_path / "place")) == 3


def test_a_new_key_is_a_change(tmp_path: Path) -> None:
    make_manager(tmp_path / "place")
    make_archive(ArchiveReason.SCHEDULED, now=NOW)
    second = prove_key()
    assert make_archive(ArchiveReason.SCHEDULED, now=NOW + timedelta(minutes=15)) is not None
    assert open_with(second, list_objects(tmp_path / "place")[-1])


def test_a_place_that_failed_gets_the_next_one_and_the_others_none(tmp_path: Path) -> None:
    make_manager(tmp_path / "place")
    away = {"bucket": "copies", "endpoint": "http://127.0.0.1:9", "access_key_id": "a", "secret_access_key": "hidden"}
    bad = Destination.objects.create(name="away", kind="s3", settings=away)
    archive = make_archive(ArchiveReason.SCHEDULED, now=NOW)
    assert archive is not None
    failed = ManagerCopy.objects.get(destination=bad)
    assert failed.checked_at is None and failed.error_code == "destination_failed"
    assert "hidden" not in str(failed.error_params)
    bad.kind, bad.settings = "directory", {"path": str(tmp_path / "second")}
    bad.save()
    (tmp_path / "second").mkdir()
    make_archive(ArchiveReason.SCHEDULED, now=NOW + timedelta(minutes=15))
    assert len(list_objects(tmp_path / "second")) == 1
    # The destination's new settings are a change of their own.
    make_archive(ArchiveReason.SCHEDULED, now=NOW + timedelta(minutes=30))
    assert len(list_objects(tmp_path / "place")) == 2


def test_an_archive_that_reaches_nobody_is_told(tmp_path: Path) -> None:
    make_manager(tmp_path / "place")
    away = {"bucket": "copies", "endpoint": "http://127.0.0.1:9", "access_key_id": "a", "secret_access_key": "hidden"}
    Destination.objects.update(kind="s3", settings=away)
    Destination.objects.get().save()
    with pytest.raises(CiviparoisseError) as error:
        make_archive(ArchiveReason.REQUESTED, now=NOW)
    assert error.value.code == "archive_not_sent" and "hidden" not in str(error.value)
    assert ARCHIVE_PULSE not in read_pulses()


def test_without_a_proven_key_or_a_place_nothing_is_sent(tmp_path: Path) -> None:
    make_directory(tmp_path / "place")
    with pytest.raises(CiviparoisseError) as error:
        make_archive(ArchiveReason.REQUESTED, now=NOW)
    assert error.value.code == "archive_unsealed"
    prove_key()
    Destination.objects.update(enabled=False)
    with pytest.raises(CiviparoisseError) as error:
        make_archive(ArchiveReason.REQUESTED, now=NOW)
    assert error.value.code == "archive_nowhere" and list_objects(tmp_path / "place") == []


def test_one_at_a_time_and_what_a_killed_run_left_goes(state: Path, tmp_path: Path) -> None:
    make_manager(tmp_path / "place")
    (state / ".archiving-left").mkdir()
    (state / ".archiving-left" / "database.sqlite3").write_text("plain")
    with hold_lock(), pytest.raises(CiviparoisseError) as error:
        make_archive(ArchiveReason.REQUESTED, now=NOW)
    assert error.value.code == "archive_busy"
    make_archive(ArchiveReason.REQUESTED, now=NOW)
    assert not (state / ".archiving-left").exists()


def test_an_archive_that_does_not_open_is_never_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_manager(tmp_path / "place")
    seal = making.seal

    def seal_and_spoil(write: object, target: Path, recipients: list[str]) -> None:
        seal(write, target, recipients)  # type: ignore[arg-type]
        data = bytearray(target.read_bytes())
        data[-100] ^= 1
        target.write_bytes(data)

    monkeypatch.setattr(making, "seal", seal_and_spoil)
    with pytest.raises(CiviparoisseError) as error:
        make_archive(ArchiveReason.REQUESTED, now=NOW)
    assert error.value.code == "archive_damaged"
    assert list_objects(tmp_path / "place") == [] and not ManagerArchive.objects.exists()


def test_no_secret_is_on_a_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_manager(tmp_path / "place")
    lines: list[str] = []
    popen = subprocess.Popen

    def note(command: list[str], *arguments: object, **options: object) -> object:
        lines.append(" ".join(command))
        return popen(command, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", note)
    make_archive(ArchiveReason.REQUESTED, now=NOW)
    assert lines and not any("AGE-SECRET" in line or "a secret" in line for line in lines)


def test_the_number_of_queries_does_not_grow_with_the_parishes(tmp_path: Path) -> None:
    make_manager(tmp_path / "place")
    make_archive(ArchiveReason.SCHEDULED, now=NOW)
    counts = []
    for round_number in (1, 2):
        for number in range(20):
            make_tenant_row(f"parish-{round_number}-{number}")
        with CaptureQueriesContext(connection) as queries:
            make_archive(ArchiveReason.SCHEDULED, now=NOW + timedelta(minutes=round_number))
        counts.append(len(queries))
    assert counts[0] == counts[1] and Pulse.objects.filter(name=ARCHIVE_PULSE).exists()
