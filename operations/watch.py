"""What is wrong with the manager itself: a silent clock, workers that hear nothing, a broker or a disk that is full.

`list_manager_faults` is what the readiness probe, the first page, `manager_check` and `backup_check` ask.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from domain.errors import render_error
from operations.models import Pulse
from operations.pulse import CLOCK, SWEEP, WORKER_PREFIX, read_pulses

MEBIBYTE = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerFault:
    """One thing that is wrong: `code` and `params` of domain.error_texts. `is_critical`: work does not go on, or
    cannot be asked for; otherwise it is a warning of what is to come. `stops_work`: parishes' operations do not go on
    because of it, or soon will not."""

    code: str
    params: dict[str, Any]
    is_critical: bool = True
    stops_work: bool = True

    @property
    def message(self) -> str:
        """What is wrong, in the active language."""
        return render_error(self.code, _show(self.params))[0]

    @property
    def hint(self) -> str:
        """What to do about it, in the active language."""
        return render_error(self.code, _show(self.params))[1]


def _show(params: dict[str, Any]) -> dict[str, Any]:
    """Return `params` with their time as people read it; "-" says that there never was one."""
    since = params.get("since")
    if not isinstance(since, str):
        return params
    if since == "-":
        return {**params, "since": _("the installation")}
    return {**params, "since": date_format(localtime(datetime.fromisoformat(since)), "SHORT_DATETIME_FORMAT")}


class FaultSource(Protocol):
    """Returns what is wrong with another part of the manager at `now`."""

    def __call__(self, *, now: datetime) -> list[ManagerFault]: ...


_sources: list[FaultSource] = []


def register_fault_source(source: FaultSource) -> None:
    """Have `source` asked too. Called by the `ready` of an app."""
    if source not in _sources:
        _sources.append(source)


def list_manager_faults(*, now: datetime) -> list[ManagerFault]:
    """Return what is wrong with the manager, the worst first. Writes a probe to the database and to its disks, and
    leaves nothing behind. Never raises for what it looks for."""
    faults = [*find_full_disks(), *find_unusable_broker()]
    try:
        pulses = read_pulses()
        faults += [fault for source in _sources for fault in source(now=now)]
    except DatabaseError:
        return [ManagerFault(code="database_unreachable", params={}), *faults]
    faults += find_unwritable_database() + find_silences(pulses, now=now)
    return sorted(faults, key=lambda fault: not fault.is_critical)


def find_silences(pulses: Mapping[str, datetime], *, now: datetime) -> list[ManagerFault]:
    """Return that the clock, or every worker, has been silent for too long; what was never seen is silent. Pure.

    A pulse from the future says nothing: the machine's clock went back, and whoever works writes a new one soon.
    """
    limit = settings.SILENCE_SECONDS
    # Where the clock is silent nobody can hear it: one cause, one fault.
    for name, code in ((CLOCK, "clock_silent"), (SWEEP, "workers_silent")):
        seen_at = pulses.get(name)
        seconds = None if seen_at is None else (now - seen_at).total_seconds()
        if seconds is None or abs(seconds) > limit:
            since = "-" if seen_at is None else seen_at.isoformat(timespec="seconds")
            return [ManagerFault(code=code, params={"since": since, "limit": limit})]
    return []


def find_silence(part: str, pulses: Mapping[str, datetime], *, host: str, now: datetime) -> ManagerFault | None:
    """Return that the clock ("beat"), or every "worker" of the machine `host`, is silent; None when it works. Pure."""
    if part == "beat":
        code, seen = "clock_silent", [pulses[CLOCK]] if CLOCK in pulses else []
    else:
        begin = f"{WORKER_PREFIX}{host[:60]} "
        code, seen = "worker_silent", [at for name, at in pulses.items() if name.startswith(begin)]
    limit = settings.SILENCE_SECONDS
    if any(abs((now - at).total_seconds()) <= limit for at in seen):
        return None
    since = max(seen).isoformat(timespec="seconds") if seen else "-"
    return ManagerFault(code=code, params={"since": since, "limit": limit, "host": host})


def find_unwritable_database() -> list[ManagerFault]:
    """Return that the database takes no writes, with its own words; a row is written and taken back."""
    try:
        with transaction.atomic():
            # A page of its own: a full disk takes a change of an existing row and refuses a new one.
            Pulse.objects.filter(name="probe").delete()
            Pulse.objects.create(name="probe", seen_at=datetime.fromtimestamp(0).astimezone())
            transaction.set_rollback(True)
    except DatabaseError as error:
        connection.close()
        return [ManagerFault(code="database_unwritable", params={"detail": str(error)[:200]})]
    return []


def list_own_folders() -> list[Path]:
    """Return the folders the manager writes to: its state, its broker's, and its database's when that is a file."""
    folders = [settings.STATE_FOLDER]
    if settings.BROKER == "filesystem":
        folders.append(settings.BROKER_DIR)
    if settings.DATABASE_ENGINE == "sqlite":
        folders.append(Path(connection.settings_dict["NAME"]).parent)
    return list(dict.fromkeys(folders))


def find_full_disks() -> list[ManagerFault]:
    """Return the folders whose disk has no room left, or less than DISK_WARNING_MEBIBYTES."""
    faults = []
    told: set[int] = set()
    for folder in list_own_folders():
        try:
            device = os.stat(folder).st_dev
            free = shutil.disk_usage(folder).free
        except OSError:
            continue  # not made yet, or told by whoever uses it
        # One disk is told once, though it holds all of them.
        if device in told:
            continue
        told.add(device)
        params = {"path": str(folder), "free": free // MEBIBYTE, "limit": settings.DISK_WARNING_MEBIBYTES}
        if not _can_write(folder):
            faults.append(ManagerFault(code="disk_full", params=params))
        elif free < settings.DISK_WARNING_MEBIBYTES * MEBIBYTE:
            faults.append(ManagerFault(code="disk_low", params=params, is_critical=False))
    return faults


def find_unusable_broker() -> list[ManagerFault]:
    """Return that the directory of messages is none, or takes none; nothing when the broker is a server."""
    if settings.BROKER != "filesystem":
        return []
    folder = settings.BROKER_DIR
    if not folder.exists():
        return []  # whoever sends or reads first makes it
    if not folder.is_dir() or not _can_write(folder):
        return [ManagerFault(code="broker_unusable", params={"path": str(folder)})]
    return []


def _can_write(folder: Path) -> bool:
    """Return whether some bytes can be written into a new file of `folder`."""
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=".probe-") as file:
            file.write(b"\0" * 8192)
            file.flush()
    except OSError:
        return False
    return True
