"""One archive of the manager: copied, sealed to the recovery keys, opened again, sent, and checked where it went."""

import contextlib
import fcntl
import logging
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from domain.errors import CiviparoisseError
from offsite.models import Destination, RecoveryKey
from operations.pulse import record_pulse
from recovery.archive import Manifest, describe_parts, measure, read_archive, write_archive
from recovery.contents import collect_keys, collect_settings, compute_mark, describe_versions, list_migrations
from recovery.database import copy_database
from recovery.models import ArchiveReason, ManagerArchive, ManagerCopy, ManagerIdentity
from recovery.places import make_path, reaching, send
from recovery.sealing import make_identity, open_sealed, seal

log = logging.getLogger("recovery")

ARCHIVE_PULSE = "archive"
WORKING = ".archiving-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A sealed archive that was opened and read to its end. `mark`: the sum of what it holds."""

    path: Path
    sha256: str
    mark: str
    manifest: Manifest


def make_archive(reason: ArchiveReason, *, now: datetime) -> ManagerArchive | None:
    """Archive the manager to every destination in use; a scheduled one only to those whose newest archive holds
    something else, None when there is none. Raise CiviparoisseError `archive_unsealed`, `archive_nowhere`,
    `archive_busy`, or `archive_not_sent` when no destination has it."""
    recipients, destinations = list_recipients(), list_destinations()
    if not recipients or not destinations:
        raise CiviparoisseError("archive_nowhere" if recipients else "archive_unsealed")
    with hold_lock(), working_directory() as directory:
        manager = get_manager_id()
        copy = copy_database(connection.settings_dict, directory)
        parts = collect_keys() | collect_settings()
        mark = compute_mark(copy.tables, parts)
        if reason == ArchiveReason.SCHEDULED:
            marks = find_marks(destinations)
            destinations = [row for row in destinations if marks.get(row.pk) != mark]
        archive = None
        if destinations:
            manifest = Manifest(
                manager=manager,
                reason=str(reason),
                made_at=now.isoformat(timespec="seconds"),
                versions=describe_versions(),
                migrations=list_migrations(),
                tables={name: rows for name, (rows, _sha256) in copy.tables.items()},
            )
            sources: dict[str, Path | bytes] = {copy.path.name: copy.path, **parts}
            sealed = seal_archive(directory / "sealed", manifest, sources, recipients, mark=mark)
            archive = send_everywhere(sealed, destinations, recipients, reason=reason, now=now)
    record_pulse(ARCHIVE_PULSE, now=now)
    return archive


def list_recipients() -> list[str]:
    """Return the public halves of the recovery keys that somebody has proven, the newest first."""
    return list(RecoveryKey.objects.exclude(proven_at=None).order_by("-pk").values_list("recipient", flat=True))


def list_destinations() -> list[Destination]:
    """Return the destinations in use. Only what sending needs: a migration may be about to add the rest."""
    needed = ("name", "kind", "settings", "bandwidth_kib", "lock_mode", "lock_days")
    return list(Destination.objects.filter(enabled=True).only(*needed))


def get_manager_id() -> str:
    """Return which manager this is."""
    row = ManagerIdentity.objects.order_by("pk").first() or ManagerIdentity.objects.create()
    return row.name


def find_marks(destinations: Sequence[Destination]) -> dict[int, str]:
    """Return what the newest archive of each destination holds."""
    marks = {}
    for row in destinations:
        there = ManagerCopy.objects.filter(destination=row, gone_at=None).exclude(checked_at=None)
        newest = there.order_by("-archive__made_at", "-pk").values_list("archive__mark", flat=True).first()
        if newest is not None:
            marks[row.pk] = newest
    return marks


def seal_archive(
    target: Path,
    manifest: Manifest,
    sources: Mapping[str, Path | bytes],
    recipients: Sequence[str],
    *,
    mark: str,
) -> Sealed:
    """Seal the archive, then open what was sealed and read it to its end. Only a recovery key could: so it is sealed to
    one more key, which was made for that, lies in memory alone, and is forgotten at once."""
    manifest = replace(manifest, parts=describe_parts(sources))
    once, recipient = make_identity()
    seal(lambda stream: write_archive(stream, manifest, sources), target, [*recipients, recipient])
    if open_sealed(target, once, lambda stream: read_archive(stream, None)) != manifest:
        raise CiviparoisseError("archive_damaged", detail="it opens, and is not what was sealed")
    return Sealed(path=target, sha256=measure(target)[1], mark=mark, manifest=manifest)


def send_everywhere(
    sealed: Sealed,
    destinations: Sequence[Destination],
    recipients: Sequence[str],
    *,
    reason: ArchiveReason,
    now: datetime,
) -> ManagerArchive:
    """Send a sealed archive to each destination, one after the other, and note what came of it."""
    name = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(8)}"
    outcomes: list[tuple[Destination, CiviparoisseError | None]] = []
    for row in destinations:
        try:
            with reaching(row) as carrier:
                send(carrier, sealed.path, make_path(sealed.manifest.manager, name), sha256=sealed.sha256)
            outcomes.append((row, None))
        except CiviparoisseError as error:
            log.warning("the manager's archive did not reach %s: %s", row.name, error.params)
            outcomes.append((row, error))
    archive = ManagerArchive(
        name=name,
        reason=reason,
        made_at=now,
        checked_at=now,
        sealed_bytes=sealed.path.stat().st_size,
        sha256=sealed.sha256,
        mark=sealed.mark,
        recipients=list(recipients),
    )
    record(archive, outcomes, now=now)
    if all(error is not None for _row, error in outcomes):
        raise CiviparoisseError("archive_not_sent", detail="; ".join(str(error) for _row, error in outcomes))
    return archive


def record(
    archive: ManagerArchive, outcomes: Sequence[tuple[Destination, CiviparoisseError | None]], *, now: datetime
) -> None:
    """Note an archive and its copies. Before a migration of these very tables that may fail: then it is only logged."""
    try:
        archive.save()
        for row, error in outcomes:
            ManagerCopy.objects.create(
                archive=archive,
                destination=row,
                checked_at=None if error else now,
                error_code=error.code if error else "",
                error_params=error.params if error else {},
            )
    except DatabaseError as failure:
        log.warning("the archive %s is not noted: %s", archive.name, failure)


@contextlib.contextmanager
def hold_lock() -> Iterator[None]:
    """Let one process at a time make an archive. Raise CiviparoisseError `archive_busy`."""
    with (Path(settings.STATE_FOLDER) / "archiving.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CiviparoisseError("archive_busy") from None
        yield


@contextlib.contextmanager
def working_directory() -> Iterator[Path]:
    """Give a private directory beside the database, and remove it; also what killed runs left. Under the lock."""
    for left in Path(settings.STATE_FOLDER).glob(f"{WORKING}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=WORKING, dir=settings.STATE_FOLDER) as directory:
        yield Path(directory)
