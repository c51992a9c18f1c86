"""What should be there against what is there, as the destination tells it; and what one manager vouches for.

A copy is `checked` only when every object of it is listed once, with the size and the MD5 that were sent; where a
destination tells no MD5, each object is read back once and its sha256 compared; where it tells one, some of them are.
"""

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from domain.errors import CiviparoisseError
from offsite.destinations import carrying
from offsite.keys import is_signed, sign, unseal
from offsite.models import PROTECTING, BackupCopy, CopyState
from programs.offsite.carrier import Carrier
from programs.offsite.contents import MOST_BYTES, Contents
from programs.offsite.sealing import CHUNK_BYTES, Part
from programs.run.failures import ProgramError

COMPARED = (CopyState.CHECKED, CopyState.HELD, CopyState.MISSING, CopyState.DIFFERENT)
COMPARE_AFTER = timedelta(days=7)
# Of each copy so much is read back, the first time.
SAMPLE_BYTES = 8 * 1024 * 1024
_chance = random.SystemRandom()
# So many are compared by one call of the clock: a worker is not held.
AT_ONCE = 20


def compare_copy(copy: BackupCopy, *, now: datetime) -> CopyState:
    """Compare a copy with what its destination tells, note the result and return it. Raise CiviparoisseError
    `copy_failed` when it did not answer: then nothing is known anew."""
    try:
        with carrying(copy.destination) as carrier:
            state, params = _compare(copy, carrier)
    except ProgramError as error:
        raise make_copy_error(copy, error) from error
    told = {"error_code": "copy_failed" if params else "", "error_params": params}
    is_held = copy.state == CopyState.HELD and state is CopyState.CHECKED
    noted = CopyState.HELD if is_held else state
    # Whoever removes it meanwhile has said so: what was seen before counts no longer.
    rows = BackupCopy.objects.filter(pk=copy.pk, state=copy.state, name=copy.name)
    rows.update(state=noted, checked_at=now, next_attempt_at=None, **told)
    copy.refresh_from_db()
    return noted


def compare_due(*, now: datetime) -> list[BackupCopy]:
    """Compare the copies that were not for a week, the longest ago first; return those that are not as they should."""
    bad = []
    for copy in list_due_copies(now=now)[:AT_ONCE]:
        try:
            if compare_copy(copy, now=now) not in PROTECTING:
                bad.append(copy)
        except CiviparoisseError as error:
            BackupCopy.objects.filter(pk=copy.pk).update(error_code=error.code, error_params=error.params)
    return bad


def list_due_copies(*, now: datetime) -> QuerySet[BackupCopy]:
    """Return the copies that are there and were not compared for a week."""
    rows = BackupCopy.objects.filter(state__in=COMPARED, checked_at__lt=now - COMPARE_AFTER)
    return rows.select_related("backup__instance__tenant", "destination").order_by("checked_at")


def read_contents(copy: BackupCopy, carrier: Carrier) -> Contents:
    """Return the list of contents of a copy, if it is the one that was sent. Raise ProgramError `copy_differs`, or
    CiviparoisseError `copy_unreadable`."""
    sealed = carrier.read(copy.contents_name, most_bytes=MOST_BYTES)
    if hashlib.sha256(sealed).hexdigest() != copy.contents_sha256:
        raise make_difference(copy.contents_name, "its bytes are not those that were sent")
    return Contents.parse(unseal(sealed, copy.backup.instance.tenant))


def find_difference(listed: Iterable[dict[str, Any]], expected: Iterable[Part]) -> tuple[CopyState, str, list[Part]]:
    """Return (state, name of the first object that is not right, those of which the destination tells no MD5)."""
    by_name: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in listed:
        by_name[one["Path"]].append(one)
    untold = []
    for part in expected:
        found = by_name[part.name]
        if not found:
            return CopyState.MISSING, part.name, []
        told = {(one.get("Hashes") or {}).get("md5") or "" for one in found}
        # Two objects of one name: nobody can say which one would come.
        if len(found) > 1 or found[0]["Size"] != part.bytes or not told <= {"", part.checksum}:
            return CopyState.DIFFERENT, part.name, []
        if told == {""}:
            untold.append(part)
    return CopyState.CHECKED, "", untold


def _compare(copy: BackupCopy, carrier: Carrier) -> tuple[CopyState, dict[str, Any]]:
    folder = copy.contents_name.rpartition("/")[0]
    listed = carrier.list(folder, hashes=True)
    own = Part(copy.contents_name, copy.contents_bytes or 0, copy.contents_sha256, copy.contents_md5)
    state, name, _untold = find_difference(listed, [own])
    if state is CopyState.CHECKED:
        try:
            expected = [own, *read_contents(copy, carrier).list_parts()]
        except ProgramError as error:
            if error.code not in ("copy_differs", "contents_invalid"):
                raise
            state, name = CopyState.DIFFERENT, copy.contents_name
        else:
            state, name, untold = find_difference(listed, expected)
            if state is CopyState.CHECKED and copy.checked_at is None:
                state, name = _read_back(carrier, [*untold, *choose_sample(expected[1:], untold)])
    if state is CopyState.CHECKED:
        return state, {}
    code = "object_missing" if state is CopyState.MISSING else "copy_differs"
    return state, make_copy_error(copy, ProgramError(code, name)).params


def choose_sample(expected: Sequence[Part], untold: Sequence[Part]) -> list[Part]:
    """Return some objects by chance, SAMPLE_BYTES of them at most: the first time they are read back although their
    checksum was told, so that a destination that repeats what it was sent is found at once."""
    chosen: list[Part] = []
    for part in _chance.sample(expected, len(expected)):
        if part not in untold and sum(other.bytes for other in chosen) + part.bytes <= SAMPLE_BYTES:
            chosen.append(part)
    return chosen


def _read_back(carrier: Carrier, parts: Iterable[Part]) -> tuple[CopyState, str]:
    for part in parts:
        digest = hashlib.sha256()
        with carrier.open(part.name) as process:
            assert process.stdout is not None
            while data := process.stdout.read(CHUNK_BYTES):
                digest.update(data)
            carrier.check_end(process)
        if digest.hexdigest() != part.sha256:
            return CopyState.DIFFERENT, part.name
    return CopyState.CHECKED, ""


def make_difference(name: str, detail: str) -> ProgramError:
    """Return the error of what is away and is not what was sent."""
    return ProgramError("copy_differs", f"{name}: {detail}", params={"name": name, "detail": detail})


def make_copy_error(copy: BackupCopy, error: ProgramError) -> CiviparoisseError:
    """Return what a destination did, as an error of this copy."""
    params = {"backup_id": copy.backup.backup_id, "destination": copy.destination.name}
    told = {"code": error.code, "message": error.message, "hint": error.hint}
    return CiviparoisseError("copy_failed", retryable=error.retryable, **params, **told)


# --- What this manager vouches for -----------------------------------------------------------------------------------


def sign_copy(copy: BackupCopy) -> None:
    """Countersign a copy, once this manager has seen the set good and read its list of contents: from then on neither a
    pod nor the destination can give another set in its place. Raise CiviparoisseError."""
    try:
        with carrying(copy.destination) as carrier:
            contents = read_contents(copy, carrier)
    except ProgramError as error:
        raise make_copy_error(copy, error) from error
    known = copy.backup.manifest_sha256
    facts_agree = contents.backup_id == copy.backup.backup_id and contents.instance == copy.backup.instance.identifier
    if not facts_agree or (known and known != contents.manifest_sha256):
        raise make_copy_error(copy, make_difference(copy.contents_name, "it is not the set that was checked"))
    copy.manifest_sha256 = contents.manifest_sha256
    copy.countersignature, copy.signed_by = sign(list_facts(copy))
    copy.save(update_fields=["manifest_sha256", "countersignature", "signed_by"])


def list_facts(copy: BackupCopy) -> list[str]:
    """Return what a countersignature is about: which set, of which instance, and what its list of contents is."""
    backup = copy.backup
    return [backup.backup_id, backup.instance.identifier, copy.manifest_sha256, copy.contents_sha256]


def check_trust(copy: BackupCopy) -> None:
    """Raise CiviparoisseError `copy_untrusted` unless this manager countersigned the copy as it is recorded."""
    if not is_signed(list_facts(copy), signature=copy.countersignature, public=copy.signed_by):
        raise CiviparoisseError("copy_untrusted", backup_id=copy.backup.backup_id, destination=copy.destination.name)
