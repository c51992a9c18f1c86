"""Where everything of one instance lies under the engine's root."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from domain.errors import CiviparoisseError, InvalidValue
from domain.specs import Component
from engine.local.accounts import Account, give

IDENTIFIER = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
JOB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
BACKUP_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
SOCKET_PATH_BYTES = 107  # sun_path holds 108 bytes with its closing zero (man 7 unix)
PLAIN_PATH = re.compile(r"/[^\x00-\x1f\x7f\"'`\\$%{}*?\[\]<>#;:]*")

SHARED_DIRECTORIES = ("instances", "run", "ports", "locks")
# Written by the manager only (root's when it is root) and read by the account.
KEPT_DIRECTORIES = ("config", "records", "jobs")
# Written by the instance's own processes.
OWNED_DIRECTORIES = ("db", "files", "private", "run", "log", "backups", "secrets")


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths of one instance. `root`: the engine's, absolute, links resolved."""

    root: Path
    identifier: str

    @property
    def directory(self) -> Path:
        """The instance's own directory; its path is also the mark its processes bear."""
        return self.root / "instances" / self.identifier

    def path(self, name: str) -> Path:
        """Return a directory of the instance (db, files, private, run, log, backups, …)."""
        return self.run if name == "run" else self.directory / name

    @property
    def run(self) -> Path:
        """Pid files and sockets: the instance's `run` is a link to it, because a socket's path must be short whatever
        the length of the parish's name."""
        return self.root / "run" / hashlib.sha256(self.identifier.encode()).hexdigest()[:12]

    @property
    def data(self) -> Path:
        """The database server's data directory; `db` above it is the volume (docs/traps.md#lostfound)."""
        return self.path("db") / "data"

    @property
    def marker(self) -> Path:
        """Written last by the init program, once it has checked what it made."""
        return self.path("db") / "initialised.json"

    @property
    def socket(self) -> Path:
        """The database server's Unix socket."""
        return self.path("run") / "db.sock"

    @property
    def state(self) -> Path:
        """What was last asked of the instance, without secrets."""
        return self.path("config") / "desired.json"

    def secret(self, name: str) -> Path:
        """Return the file of one secret."""
        return self.path("secrets") / name

    def record(self, component: Component) -> Path:
        """Return the record of a server's last start."""
        return self.path("records") / f"{component.value}.json"

    def lock(self, component: Component) -> Path:
        """Return the lock held by a server as long as any of its processes lives."""
        return self.path("records") / f"{component.value}.lock"

    def mark(self, name: str) -> str:
        """Return the mark of the processes of one server or job."""
        return f"{self.directory}/{name}"

    def job(self, name: str) -> Path:
        """Return the directory of one run. Raise InvalidValue for a name that is not one path component."""
        if not JOB_NAME.fullmatch(name):
            raise InvalidValue(field="job", reason=f"{name!r}")
        return self.path("jobs") / name

    def backup_set(self, backup_id: str) -> Path:
        """Return the directory of one backup set. Raise InvalidValue for what is not an identifier of a backup."""
        if not BACKUP_ID.fullmatch(backup_id):
            raise InvalidValue(field="BACKUP_ID", reason=f"{backup_id!r}")
        return self.path("backups") / backup_id


def make_layout(root: Path, identifier: str) -> Layout:
    """Return the paths of `identifier`. Raise InvalidValue for what is not an RFC 1123 label."""
    if not IDENTIFIER.fullmatch(identifier):
        raise InvalidValue(field="identifier", reason=f"{identifier!r}")
    return Layout(root=root, identifier=identifier)


def check_paths(layout: Layout) -> None:
    """Raise `path_too_long` or `path_unusable` when servers could not live under this root."""
    length = len(os.fsencode(layout.socket))
    if length > SOCKET_PATH_BYTES:
        raise CiviparoisseError("path_too_long", instance=layout.identifier, path=str(layout.socket), length=length)
    if not PLAIN_PATH.fullmatch(str(layout.root)):
        raise CiviparoisseError("path_unusable", path=str(layout.root))


def check_reach(layout: Layout, account: Account) -> None:
    """Raise `path_unreachable` when the account could not enter the root."""
    if account.uid is None:
        return
    for directory in (layout.root, *layout.root.parents):
        if directory.exists() and not directory.stat().st_mode & 0o001 and directory.stat().st_uid != account.uid:
            raise CiviparoisseError("path_unreachable", path=str(directory), account=account.name)


def ensure_directories(layout: Layout, account: Account) -> None:
    """Create the instance's directories with their owners and modes."""
    for shared in (layout.root, *(layout.root / name for name in SHARED_DIRECTORIES)):
        if not shared.is_dir():
            shared.mkdir(mode=0o755, parents=True, exist_ok=True)
    layout.directory.mkdir(mode=0o750, exist_ok=True)
    for name in KEPT_DIRECTORIES:
        layout.path(name).mkdir(mode=0o750, exist_ok=True)
        give(layout.path(name), account, mode=0o750, owned=False)
    for name in OWNED_DIRECTORIES:
        path = layout.path(name)
        if not path.is_dir() or path.is_symlink():
            path.mkdir(mode=0o700)
            give(path, account, mode=0o700)
    # Last: it says whose all of this is.
    give(layout.directory, account, mode=0o750, owned=False)
    link = layout.directory / "run"
    if not link.is_symlink():
        link.symlink_to(os.path.relpath(layout.run, layout.directory))


def list_identifiers(root: Path) -> list[str]:
    """Return the identifiers that have a directory under `root`, sorted."""
    try:
        names = os.listdir(root / "instances")
    except FileNotFoundError:
        return []
    return sorted(name for name in names if IDENTIFIER.fullmatch(name))


def list_backups(layout: Layout) -> tuple[str, ...]:
    """Return the complete sets of the backup volume, oldest first: a set without manifest is not a backup."""
    try:
        names = os.listdir(layout.path("backups"))
    except FileNotFoundError:
        return ()
    sets = (name for name in names if BACKUP_ID.fullmatch(name))
    return tuple(sorted(name for name in sets if (layout.backup_set(name) / "manifest.json").is_file()))
