"""A set, or some of its databases and trees, for a person: one tar, sealed to a key of theirs while it is sent.

Nothing of it lies on the manager's disk, in plain or sealed. Every download is recorded before its first byte, with how
it ended.
"""

import hashlib
import io
import logging
import re
import tarfile
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import IO

import pyrage
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from backups.models import Backup, BackupState
from domain.errors import CiviparoisseError, InvalidValue
from offsite.models import Download
from offsite.piping import piping
from offsite.set_sources import Piece, make_damage, open_set

log = logging.getLogger("offsite")

# The public half of an X25519 key as age writes it (Bech32, the last six signs are its check sum).
RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")
CHUNK_BYTES = 1024 * 1024
REQUESTER_LENGTH = 150
LONGEST = timedelta(hours=12)


def make_one_time_key() -> tuple[str, str]:
    """Return (private half, public half) of a key for one download; the private half is kept nowhere."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def begin_download(backup: Backup, *, recipient: str, parts: Sequence[str], requested_by: str) -> Download:
    """Record who downloads what, and return that. Raise InvalidValue for a key that is none, or CiviparoisseError
    `recipient_mistyped` or `backup_not_good`."""
    check_recipient(recipient)
    if backup.state not in (BackupState.GOOD, BackupState.DELETED):
        raise CiviparoisseError("backup_not_good", backup_id=backup.backup_id, state=backup.state)
    row = Download.objects.create(
        backup=backup, recipient=recipient, parts=sorted(set(parts)), requested_by=requested_by[:REQUESTER_LENGTH]
    )
    log.info("backup %s is downloaded by %s (%s)", backup.backup_id, requested_by, ", ".join(row.parts) or "all")
    return row


def check_recipient(recipient: str) -> None:
    """Raise InvalidValue for what is no public half of an age key, or CiviparoisseError `recipient_mistyped` for one
    with a wrong letter."""
    if not RECIPIENT.fullmatch(recipient):
        raise InvalidValue(field="recipient", reason=_("give the public half of an age key: it begins with age1."))
    try:
        pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        raise CiviparoisseError("recipient_mistyped", recipient=recipient) from None


def find_downloading(backup_ids: Collection[str]) -> dict[str, str]:
    """Return, of these sets, those that are being downloaded, with who does: nobody removes them. One whose manager
    died is forgotten after a while."""
    rows = Download.objects.filter(backup__backup_id__in=backup_ids, ended_at=None, at__gt=timezone.now() - LONGEST)
    return {name: f"download by {who}" for name, who in rows.values_list("backup__backup_id", "requested_by")}


def list_downloads(backup: Backup) -> QuerySet[Download]:
    """Return who downloaded a set, the newest first."""
    return Download.objects.filter(backup=backup).order_by("-pk")


def stream_download(row: Download) -> Generator[bytes]:
    """Yield the sealed file, and note how it ended. Raise CiviparoisseError, and ProgramError, for what could not be
    read or is not what it should be: what was sent until then does not open."""
    sent = 0
    try:
        with open_set(row.backup) as (source, pieces):
            chosen = select_pieces(pieces, row.parts)
            Download.objects.filter(pk=row.pk).update(source=source)
            recipient = pyrage.x25519.Recipient.from_str(row.recipient)

            def seal(stream: IO[bytes]) -> None:
                with piping(lambda plain: write_tar(plain, row.backup, chosen)) as plain:
                    pyrage.encrypt_io(plain, stream, [recipient])

            with piping(seal) as sealed:
                while data := sealed.read(CHUNK_BYTES):
                    sent += len(data)
                    yield data
    except BaseException as error:
        # Also of who went away in the middle: GeneratorExit.
        code = error.code if isinstance(error, CiviparoisseError) else type(error).__name__
        note_end(row, sent=sent, error_code=code, now=timezone.now())
        raise
    note_end(row, sent=sent, error_code="", now=timezone.now())


def begin_stream(chunks: Generator[bytes]) -> Iterator[bytes]:
    """Return the same chunks for an answer, the first of them made already: what cannot be read is an error of the
    request, and not a file that breaks off."""
    return _follow(next(chunks, b""), chunks)


def _follow(first: bytes, chunks: Generator[bytes]) -> Iterator[bytes]:
    """Yield the first chunk and the others; whoever closes the answer in the middle ends the reading too."""
    with closing(chunks):
        yield first
        yield from chunks


def note_end(row: Download, *, sent: int, error_code: str, now: datetime) -> None:
    """Note how a download ended."""
    Download.objects.filter(pk=row.pk).update(ended_at=now, sent_bytes=sent, error_code=error_code[:64])
    told = error_code or "whole"
    log.info("download of %s by %s ended: %s, %s bytes", row.backup.backup_id, row.requested_by, told, sent)


def select_pieces(pieces: Sequence[Piece], parts: Sequence[str]) -> list[Piece]:
    """Return the artifacts of those databases and trees, all of them for none, and what is of the whole set. Raise
    InvalidValue for a part that the set has not. Pure."""
    known = sorted({piece.part for piece in pieces} - {""})
    unknown = sorted(set(parts) - set(known))
    if unknown:
        raise InvalidValue(field="parts", reason=_("give one of %(names)s.") % {"names": ", ".join(known)})
    return [piece for piece in pieces if not parts or piece.part in ("", *parts)]


def write_tar(stream: IO[bytes], backup: Backup, pieces: Sequence[Piece]) -> None:
    """Write the artifacts as one tar, below the name of the set. Raise CiviparoisseError `download_damaged` for one
    whose bytes are not those of its manifest."""
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for piece in pieces:
            info = tarfile.TarInfo(f"{backup.backup_id}/{piece.name}")
            info.size, info.mode = piece.size, 0o600
            info.mtime = int(backup.started_at.timestamp())
            try:
                with piece.open() as plain:
                    judged = JudgedReader(plain)
                    archive.addfile(info, judged)
                    is_whole = not plain.read(1) and judged.sha256 == piece.sha256
            except BrokenPipeError:
                raise  # who asked has gone
            except OSError as error:
                raise make_damage(backup, piece.name) from error
            if not is_whole:
                raise make_damage(backup, piece.name)


class JudgedReader(io.RawIOBase):
    """A stream whose bytes are counted in while they are read."""

    def __init__(self, plain: IO[bytes]) -> None:
        self._plain, self._digest = plain, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; fewer only at the end, since a raw file may give what it has."""
        found = bytearray()
        while len(found) < size and (data := self._plain.read(size - len(found))):
            found += data
        self._digest.update(found)
        return bytes(found)

    @property
    def sha256(self) -> str:
        """Of what was read so far."""
        return self._digest.hexdigest()
