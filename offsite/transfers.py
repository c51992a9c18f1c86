"""From one destination to another, for a set that is no longer on its volume: the sealed objects as they are, under
their own names, none opened. The manager carries them, a few minutes at a time; what is there is not sent again."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from domain.errors import CiviparoisseError
from offsite.comparing import check_trust, find_difference, make_copy_error, read_contents
from offsite.destinations import carrying
from offsite.models import PROTECTING, BackupCopy, CopyState
from programs.offsite.carrier import Carrier
from programs.offsite.sealing import CHUNK_BYTES, Part, make_difference
from programs.run.failures import ProgramError

PREFIX = "transfer-"
# No worker is held for longer by one look.
AT_ONCE = timedelta(minutes=4)
# What the copy is, wherever it lies.
SHARED = (
    "name",
    "recipients",
    "contents_name",
    "contents_bytes",
    "contents_sha256",
    "contents_md5",
    "manifest_sha256",
    "object_count",
    "sealed_bytes",
    "countersignature",
    "signed_by",
)


def is_transfer(copy: BackupCopy) -> bool:
    """Return whether the copy under way comes from another destination."""
    return copy.run.startswith(PREFIX)


def find_source(copy: BackupCopy) -> BackupCopy | None:
    """Return the copy of the same set at another destination in use that it can be made from; None without one."""
    rows = copy.backup.copies.filter(state__in=PROTECTING, destination__enabled=True).exclude(pk=copy.pk)
    return rows.select_related("backup__instance__tenant", "destination").order_by("-checked_at").first()


def begin_transfer(copy: BackupCopy, source: BackupCopy) -> None:
    """Have a copy made from another destination. Raise CiviparoisseError `copy_name_taken` where parts of it lie under
    the same names: nothing is ever replaced, so those are removed first."""
    if source.name in (copy.name, *copy.left_names) and copy.state != CopyState.GONE:
        raise CiviparoisseError("copy_name_taken", backup_id=copy.backup.backup_id, destination=copy.destination.name)
    left = copy.left_names if copy.state == CopyState.GONE else [*copy.left_names, copy.name]
    BackupCopy.objects.filter(pk=copy.pk, state=copy.state).update(
        state=CopyState.COPYING,
        run=f"{PREFIX}{source.pk}",
        name=source.name,
        left_names=[name for name in left if name != source.name],
        attempts=0,
        next_attempt_at=None,
        countersignature="",
        checked_at=None,
        opened_at=None,
        held_until=None,
        removed_at=None,
        hidden_objects=0,
        error_code="",
        error_params={},
    )


def carry_transfer(copy: BackupCopy, *, now: datetime) -> None:
    """Bring it a few minutes further; once all is there, note it as sent, to be compared as any other. Raise
    CiviparoisseError when a destination does not do it; without its source the copy is missing again."""
    source = BackupCopy.objects.select_related("backup__instance__tenant", "destination").filter(
        pk=copy.run.removeprefix(PREFIX), state__in=PROTECTING
    )
    row = source.first()
    if row is None:
        # Nothing to go on with; what is there of it goes with the next removal.
        BackupCopy.objects.filter(pk=copy.pk, run=copy.run).update(state=CopyState.MISSING, run="")
        return
    check_trust(row)
    try:
        with ExitStack() as stack:
            read, write = (stack.enter_context(carrying(one.destination)) for one in (row, copy))
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cp-transfer-")))
            own = Part(row.contents_name, row.contents_bytes or 0, row.contents_sha256, row.contents_md5)
            # The list of contents last: without it there is no copy.
            parts = [*read_contents(row, read).list_parts(), own]
            is_whole = _send(read, write, parts, directory=directory, until=timezone.now() + AT_ONCE)
    except ProgramError as error:
        raise make_copy_error(copy, error) from error
    if is_whole:
        shared: Mapping[str, Any] = {name: getattr(row, name) for name in SHARED}
        BackupCopy.objects.filter(pk=copy.pk, run=copy.run).update(
            **shared, state=CopyState.THERE, run="", copied_at=now, error_code="", error_params={}, next_attempt_at=None
        )


def _send(read: Carrier, write: Carrier, parts: list[Part], *, directory: Path, until: datetime) -> bool:
    """Send what is not there; return whether all is. Raise ProgramError."""
    folder = parts[-1].name.rpartition("/")[0]
    listed = write.list(folder, hashes=True)
    for part in parts:
        state, _name, _untold = find_difference(listed, [part])
        if state is CopyState.CHECKED:
            continue
        if state is CopyState.DIFFERENT:
            raise make_difference(part.name, "another object has its name there")
        if timezone.now() > until:
            return False
        file = directory / "part"
        with file.open("wb") as plain:
            for data in _read(read, part):
                plain.write(data)
        write.put(file, part.name)
    return True


def _read(carrier: Carrier, part: Part) -> Iterator[bytes]:
    """Yield an object; at its end raise ProgramError `copy_differs` unless it was what was sealed."""
    digest, size = hashlib.sha256(), 0
    with carrier.open(part.name) as process:
        try:
            assert process.stdout is not None
            while data := process.stdout.read(CHUNK_BYTES):
                digest.update(data)
                size += len(data)
                yield data
            carrier.check_end(process)
        finally:
            process.kill()
    if (size, digest.hexdigest()) != (part.bytes, part.sha256):
        raise make_difference(part.name, "its bytes are not those that were sent")
