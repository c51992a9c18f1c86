"""Proves what a destination does, by doing it: write, read back, list, keep, lock, clock. Never raises for what is
wrong over there: each step is a finding."""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import md5
from pathlib import Path

from domain.finding_texts import finding_as_dict
from domain.findings import Finding, Level, find_worst
from offsite.destinations import find_rclone, make_place
from offsite.models import Destination, LockMode
from programs.offsite.carrier import Carrier
from programs.run.failures import ProgramError

FOLDER = "check"
SIZE = 1000
MOST_SKEW = timedelta(minutes=2)
# Once a day by the clock.
DUE_AFTER = timedelta(hours=23)


def check_destination(row: Destination, *, now: datetime) -> list[Finding]:
    """Do everything that copies need at a destination, with the account that pods get where they would, and keep what
    was found on the row. Leaves a small object where a lock holds it, for a day."""
    with tempfile.TemporaryDirectory(prefix="cp-check-") as directory:
        place, pods = make_place(row), make_place(row, writes_only=True)
        if row.lock_mode != LockMode.NONE:
            # What is proven today need not be kept as long as the copies.
            place, pods = (
                replace(one, options={**one.options, "object_lock_retain_until_date": "1d"}) for one in (place, pods)
            )
        carrier, writer = (Carrier(one, work_dir=Path(directory), program=find_rclone()) for one in (place, pods))
        findings = list(_prove(row, carrier, writer, Path(directory), now=now))
    level = find_worst(finding.level for finding in findings)
    report = [finding_as_dict(finding) for finding in findings]
    Destination.objects.filter(pk=row.pk).update(report=report, level=level.value, checked_at=now)
    row.refresh_from_db()
    return findings


def check_due(*, now: datetime) -> list[str]:
    """Check each destination in use that was not checked for a day; return the names of those not in order."""
    bad = []
    for row in Destination.objects.filter(enabled=True):
        if row.checked_at is None or now - row.checked_at > DUE_AFTER:
            findings = check_destination(row, now=now)
            if find_worst(finding.level for finding in findings) is Level.CRITICAL:
                bad.append(row.name)
    return bad


def _prove(row: Destination, carrier: Carrier, writer: Carrier, directory: Path, *, now: datetime) -> Iterator[Finding]:
    name, content = f"{FOLDER}/{secrets.token_hex(16)}", os.urandom(SIZE)
    file, other = directory / "written", directory / "other"
    file.write_bytes(content)
    other.write_bytes(os.urandom(SIZE))
    try:
        writer.put(file, name)
    except ProgramError as error:
        yield _make_failure("place_not_written", error)
        return
    yield Finding(code="place_written", level=Level.OK)
    try:
        same = carrier.read(name, most_bytes=10 * SIZE) == content
        yield Finding(code="place_read" if same else "place_read_differs", level=Level.OK if same else Level.CRITICAL)
        yield from _judge_listing(carrier, name, content, now=now)
        yield _judge_keeping(row, carrier, writer, name, other)
    except ProgramError as error:
        yield _make_failure("place_not_read", error)


def _judge_listing(carrier: Carrier, name: str, content: bytes, *, now: datetime) -> Iterator[Finding]:
    listed = carrier.list(name, hashes=True)
    if [one["Size"] for one in listed] != [len(content)]:
        detail = ", ".join(str(one["Size"]) for one in listed)
        yield Finding(code="place_not_listed", level=Level.CRITICAL, params={"detail": detail})
        return
    told = (listed[0].get("Hashes") or {}).get("md5")
    if told is None:
        yield Finding(code="place_lists_sizes", level=Level.OK)
    elif told != md5(content, usedforsecurity=False).hexdigest():
        yield Finding(code="place_not_listed", level=Level.CRITICAL, params={"detail": "MD5"})
    else:
        yield Finding(code="place_listed", level=Level.OK)
    skew = abs(datetime.fromisoformat(listed[0]["ModTime"]) - now)
    if skew > MOST_SKEW:
        yield Finding(code="place_clock_differs", level=Level.WARNING, params={"seconds": int(skew.total_seconds())})
    else:
        yield Finding(code="place_clock", level=Level.OK)


def _judge_keeping(row: Destination, carrier: Carrier, writer: Carrier, name: str, other: Path) -> Finding:
    """Try to replace and to remove the object, as a thief of a pod's account would."""
    attempts: tuple[Callable[[], None], ...] = (lambda: writer.put(other, name), lambda: writer.delete(name))
    done = 0
    for attempt in attempts:
        try:
            attempt()
            done += 1
        except ProgramError as error:
            if error.code == "destination_unreachable":
                raise
    if row.lock_mode == LockMode.NONE:
        if not done:
            carrier.delete(name)
            return Finding(code="place_keeps", level=Level.OK)
        return Finding(code="place_replaces", level=Level.WARNING)
    try:
        carrier.forget_versions(FOLDER)
    except ProgramError as error:
        if error.code == "destination_unreachable":
            raise
    if carrier.list(FOLDER, versions=True):
        return Finding(code="place_keeps_versions", level=Level.OK)
    return Finding(code="place_lock_missing", level=Level.CRITICAL)


def _make_failure(code: str, error: ProgramError) -> Finding:
    params = {"code": error.code, "hint": error.hint, "detail": error.params.get("detail", "")}
    return Finding(code=code, level=Level.CRITICAL, params=params)
