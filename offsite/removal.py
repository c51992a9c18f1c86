"""Takes one copy away from its destination: never one that is read, never over a lock, and with its earlier versions.

A copy that is being removed counts for nothing from before its first object goes, so that whatever dies in between
leaves no half copy that anybody believes.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from backups.holders import list_holders
from domain.errors import CiviparoisseError
from offsite.comparing import compare_copy, make_copy_error
from offsite.destinations import carrying
from offsite.keys import ensure_space
from offsite.models import PROTECTING, BackupCopy, CopyState
from programs.offsite.carrier import NO_END, Carrier
from programs.run.failures import ProgramError

log = logging.getLogger("offsite")

# Nobody works on a copy in one of these, and something of it may lie at its destination.
REMOVABLE = (
    CopyState.WAITING,
    CopyState.THERE,
    CopyState.CHECKED,
    CopyState.MISSING,
    CopyState.DIFFERENT,
    CopyState.HELD,
    CopyState.REMOVING,
)
# A lock whose end nobody tells is tried again after this.
UNKNOWN_END = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What came of it. `freed_bytes`: of the sealed objects that are gone for good; `hidden_objects`: earlier versions
    that the account may not remove; `held_until`: the lock's end where nothing was removed, None otherwise."""

    freed_bytes: int = 0
    hidden_objects: int = 0
    held_until: datetime | None = None


def remove_copy(copy: BackupCopy, *, now: datetime) -> Removal:
    """Remove a copy from its destination for good, or note until when a lock holds it.

    Raise CiviparoisseError `copy_in_use` when something reads the set or works on the copy, `copy_failed` when the
    destination did not do it: the copy is then being removed, and is asked for again.
    """
    before = copy.state
    _begin(copy, now=now)
    try:
        with carrying(copy.destination) as carrier:
            end = carrier.find_lock_end(_make_folder(copy))
            if end is not None and end > now:
                return _note_held(copy, before, until=now + UNKNOWN_END if end == NO_END else end, now=now)
            hidden = carrier.remove_all(_make_folder(copy))
    except ProgramError as error:
        if error.code == "object_held":
            return _note_held(copy, before, until=now + UNKNOWN_END, now=now)
        BackupCopy.objects.filter(pk=copy.pk).update(error_code="copy_failed", error_params=_tell(copy, error))
        raise make_copy_error(copy, error) from error
    BackupCopy.objects.filter(pk=copy.pk).update(
        state=CopyState.GONE,
        removed_at=now,
        hidden_objects=hidden,
        held_until=None,
        run="",
        error_code="",
        error_params={},
        next_attempt_at=None,
    )
    copy.refresh_from_db()
    log.info("copy of %s at %s removed", copy.backup.backup_id, copy.destination.name)
    return Removal(freed_bytes=0 if hidden else copy.sealed_bytes or 0, hidden_objects=hidden)


def remove_left_parts(copy: BackupCopy, *, now: datetime) -> bool:
    """Remove what lies under the names that a copy had before it was copied anew; return whether all of it is gone.
    What a lock holds stays for later. Raise CiviparoisseError `copy_failed`."""
    space, left = ensure_space(copy.backup.instance.tenant).name, []
    try:
        with carrying(copy.destination) as carrier:
            for name in copy.left_names:
                if not _try_to_remove(carrier, f"{space}/{name}", now=now):
                    left.append(name)
    except ProgramError as error:
        raise make_copy_error(copy, error) from error
    BackupCopy.objects.filter(pk=copy.pk).update(left_names=left)
    return not left


def _try_to_remove(carrier: Carrier, folder: str, *, now: datetime) -> bool:
    end = carrier.find_lock_end(folder)
    if end is not None and end > now:
        return False
    try:
        carrier.remove_all(folder)
    except ProgramError as error:
        if error.code != "object_held":
            raise
        return False
    return True


def _begin(copy: BackupCopy, *, now: datetime) -> None:
    """Let the copy count for nothing, then ask who reads it: whoever asks later no longer finds it."""
    free = BackupCopy.objects.filter(pk=copy.pk, state=copy.state, run="").exclude(claimed_until__gt=now)
    error = CiviparoisseError(
        "copy_in_use", retryable=True, backup_id=copy.backup.backup_id, destination=copy.destination.name
    )
    if copy.state not in REMOVABLE or not free.update(state=CopyState.REMOVING):
        raise error
    if list_holders([copy.backup.backup_id]):
        BackupCopy.objects.filter(pk=copy.pk, state=CopyState.REMOVING).update(state=copy.state)
        raise error


def _note_held(copy: BackupCopy, before: str, *, until: datetime, now: datetime) -> Removal:
    """Note until when a lock holds it. What it is worth is looked up: a part of it may have gone."""
    BackupCopy.objects.filter(pk=copy.pk).update(held_until=until)
    copy.refresh_from_db()
    if copy.contents_name and before != CopyState.WAITING and compare_copy(copy, now=now) in PROTECTING:
        BackupCopy.objects.filter(pk=copy.pk).update(state=CopyState.HELD)
    elif not copy.contents_name:
        BackupCopy.objects.filter(pk=copy.pk).update(state=before)
    copy.refresh_from_db()
    return Removal(held_until=until)


def _make_folder(copy: BackupCopy) -> str:
    return f"{ensure_space(copy.backup.instance.tenant).name}/{copy.name}"


def _tell(copy: BackupCopy, error: ProgramError) -> dict[str, object]:
    return make_copy_error(copy, error).params
