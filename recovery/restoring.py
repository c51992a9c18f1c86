"""The manager again, on an empty machine, from a place and a recovery key alone. Needs no database and no key before.

Everything is brought, opened and checked in a directory of its own; only then it takes its place: what is there is put
aside, keys come first, the database last. A run that was killed is run again.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyrage
from django.db.migrations.loader import MigrationLoader

from civiparoisse.env import WITHOUT_KEYS
from domain.errors import CiviparoisseError
from programs.offsite.carrier import Carrier
from recovery.archive import DATABASE_NAMES, KEYS, SETTINGS, Manifest, make_damage, read_archive
from recovery.database import SQLITE, copy_database, holds_work, put_back, read_dump, read_sqlite
from recovery.places import FoundArchive, fetch
from recovery.sealing import open_sealed

CHECK_SECONDS = 1800
ASIDE = "replaced-"
KEPT_SETTINGS = "restored-settings.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the manager comes to. `database`: a Django setting; `root`: what holds the project's packages."""

    state: Path
    database: Mapping[str, Any] = field(repr=False)
    root: Path


@dataclass(slots=True)
class Restored:
    """What came back. `refused`: newer archives that could not be used, each with the reason."""

    archive: FoundArchive
    manifest: Manifest
    put_aside: Path | None = None
    refused: list[tuple[FoundArchive, CiviparoisseError]] = field(default_factory=list)


def select_archives(
    found: Sequence[FoundArchive], *, place: str, manager: str = "", at: datetime | None = None
) -> list[FoundArchive]:
    """Return the archives of one manager made no later than `at`, the newest first. Raise CiviparoisseError
    `archive_ambiguous` when there are several managers and none is named, `archive_not_found`. Pure."""
    managers = sorted({archive.manager for archive in found})
    if len(managers) > 1 and not manager:
        raise CiviparoisseError("archive_ambiguous", managers=", ".join(managers))
    chosen = [one for one in found if manager in ("", one.manager) and (at is None or one.made_at <= at)]
    if not chosen:
        raise CiviparoisseError("archive_not_found", place=place)
    return chosen


def refuse_existing(target: Target, *, replace: str) -> None:
    """Raise CiviparoisseError `manager_state_exists` where somebody's manager is, unless its directory was typed."""
    target.state.mkdir(mode=0o755, parents=True, exist_ok=True)
    with private_directory(target.state) as directory:
        if holds_work(target.database, directory) and replace != str(target.state):
            raise CiviparoisseError("manager_state_exists", path=str(target.state))


@contextmanager
def private_directory(state: Path) -> Iterator[Path]:
    """Give a directory that nobody else reads, on the disk of the state; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=state) as directory:
        yield Path(directory)


def restore_newest(
    carrier: Carrier, candidates: Sequence[FoundArchive], identity: pyrage.x25519.Identity, target: Target
) -> Restored:
    """Restore the newest archive that is whole; raise what was wrong with the newest when none is."""
    refused: list[tuple[FoundArchive, CiviparoisseError]] = []
    for archive in candidates:
        with private_directory(target.state) as directory:
            try:
                manifest = bring(carrier, archive, identity, directory)
            except CiviparoisseError as error:
                if error.code == "archive_newer":
                    raise
                refused.append((archive, error))
                continue
            restored = Restored(archive, manifest, refused=refused)
            restored.put_aside = put_aside(target)
            put_in_place(directory / "parts", target, scratch=directory)
        return restored
    raise refused[0][1]


def bring(carrier: Carrier, archive: FoundArchive, identity: pyrage.x25519.Identity, directory: Path) -> Manifest:
    """Fetch, open and check an archive; its parts are in `directory`/parts then. Raise CiviparoisseError
    `archive_damaged`, `archive_sealed_otherwise`, `archive_newer` or `archive_unknown_format`."""
    sealed, parts = directory / "sealed", directory / "parts"
    parts.mkdir(mode=0o700)
    fetch(carrier, archive.path, sealed)
    manifest = open_sealed(sealed, identity, lambda stream: read_archive(stream, parts))
    sealed.unlink()
    refuse_newer(manifest)
    found = [name for name in DATABASE_NAMES if (parts / name).exists()]
    if len(found) != 1 or not (parts / KEYS / "field_keys").exists():
        raise make_damage("it holds no database or no keys")
    tables = read_sqlite(parts / SQLITE) if found == [SQLITE] else read_dump(parts / found[0])
    if {name: rows for name, (rows, _sha256) in tables.items()} != manifest.tables:
        raise make_damage("its database has not the rows that were counted")
    return manifest


def refuse_newer(manifest: Manifest) -> None:
    """Raise CiviparoisseError `archive_newer` when the archive has migrations that this version does not know."""
    loader = MigrationLoader(None)
    known = set(loader.disk_migrations) | set(loader.replacements)
    apps = {app for app, _name in known}
    for app, names in manifest.migrations.items():
        for name in names:
            if app in apps and (app, name) not in known:
                raise CiviparoisseError("archive_newer", migration=f"{app}.{name}")


def put_aside(target: Target) -> Path | None:
    """Move keys and database out of the way, into a private directory beside them; None when there is nothing. A
    server's database is copied into it: it is made anew in its place."""
    present = [target.state / "keys"]
    has_rows = False
    if target.database["ENGINE"].endswith("sqlite3"):
        database = Path(target.database["NAME"])
        present += [database, Path(f"{database}-wal"), Path(f"{database}-shm")]
    else:
        with private_directory(target.state) as scratch:
            has_rows = holds_work(target.database, scratch)
    present = [path for path in present if path.exists()]
    if not present and not has_rows:
        return None
    aside = target.state / f"{ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    aside.mkdir(mode=0o700)
    if has_rows:
        copy_database(target.database, aside)
    for path in present:
        shutil.move(path, aside / path.name)
    return aside


def put_in_place(parts: Path, target: Target, *, scratch: Path) -> None:
    """Put checked parts where the manager looks for them: keys first, the database last."""
    keys = target.state / "keys"
    keys.mkdir(mode=0o700)
    for part in sorted((parts / KEYS).iterdir()):
        shutil.move(part, keys / part.name)
        (keys / part.name).chmod(0o600)
    if (parts / SETTINGS).exists():
        shutil.move(parts / SETTINGS, target.state / KEPT_SETTINGS)
        (target.state / KEPT_SETTINGS).chmod(0o600)
    database = next(parts / name for name in DATABASE_NAMES if (parts / name).exists())
    put_back(target.database, database, scratch)
    for folder in (keys, target.state):
        descriptor = os.open(folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def check_restored(target: Target) -> list[str]:
    """Bring the tables to this version and ask the manager itself whether all is well: every secret can be read, its
    settings hold. In processes of their own, which read the restored keys; return what was asked. Raise
    CiviparoisseError `manager_restore_check_failed`."""
    environment = {name: value for name, value in os.environ.items() if name != WITHOUT_KEYS}
    environment |= {"CIVIPAROISSE_STATE_DIR": str(target.state), "CIVIPAROISSE_MIGRATE_WITHOUT_ARCHIVE": "1"}
    asked = (
        ("migrate", "--verbosity", "0"),
        ("check", "--database", "default"),
    )
    for words in asked:
        done = subprocess.run(
            [sys.executable, "-m", "civiparoisse", *words],
            cwd=target.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=CHECK_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip())[-500:]
            raise CiviparoisseError("manager_restore_check_failed", detail=f"{' '.join(words)}: {said}")
    return [" ".join(words) for words in asked]
