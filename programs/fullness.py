"""How full the volumes of an instance are, and whether its database takes a new row: what a page that is only read
hides. Nothing of the instance is changed."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from programs.databases.client import Client, quote_name
from programs.run.environment import Environment, make_environment_error
from programs.run.failures import ProgramError, Summary

# Ours, in the last of the databases, for the moment of the trial alone: a backup holds the same lock, so that none
# ever meets it; one that a killed trial left is an empty table more, and goes with the next trial.
TABLE = "civiparoisse_trial"
# More than what is free in pages that a table has already, so that the server must ask the disk for it.
TRIAL_BYTES = 256 * 1024
# Below this nothing is tried: a server whose disk is full to the last byte is not asked to make a table.
LEAST_BYTES = 1024 * 1024
LOCK_SECONDS = 5
TRIAL_SECONDS = 30.0
BACKUP_LOCK = ".lock"
REASON_LENGTH = 200


def read_volumes(env: Environment) -> dict[str, Path]:
    """The variable VOLUMES: a JSON object, name of each volume to the absolute path of a directory on it."""
    try:
        content = json.loads(env.get("VOLUMES") or "")
    except ValueError:
        content = None
    accepted = "a JSON object: name of each volume to the absolute path of an existing directory on it"
    if not isinstance(content, dict) or not content:
        raise make_environment_error("VOLUMES", accepted)
    for path in content.values():
        if not isinstance(path, str) or not path.startswith("/") or not os.path.isdir(path):
            raise make_environment_error("VOLUMES", accepted)
    return {name: Path(path) for name, path in content.items()}


def observe_volumes(paths: Mapping[str, Path]) -> dict[str, dict[str, int]]:
    """Of each volume: `total` and `free` bytes for whoever is not root, `percent` used of its bytes or of its inodes,
    whichever is nearer to its end."""
    volumes = {}
    for name, path in paths.items():
        info = os.statvfs(path)
        used = info.f_blocks - info.f_bfree
        total = used + info.f_bavail  # as df counts: what is reserved for root is nobody's
        percent = _compute_percent(used, total)
        if info.f_files:
            percent = max(percent, _compute_percent(info.f_files - info.f_ffree, info.f_files))
        volumes[name] = {"total": total * info.f_frsize, "free": info.f_bavail * info.f_frsize, "percent": percent}
    return volumes


def _compute_percent(used: int, total: int) -> int:
    """Rounded up: 100 means that nothing is free, and so does a volume of nothing."""
    return -(-100 * used // total) if total else 100


def try_to_write(client: Client, *, free_bytes: int, backups_dir: Path) -> str | None:
    """Make a table of our own, write a row that needs new pages, remove it. Return "" when all of it worked, why it did
    not in the server's words, None when it could not be tried: a backup is at work, or the server does not answer."""
    if free_bytes < LEAST_BYTES:
        return f"{free_bytes} bytes are free on the volume of the databases"
    name = f"{quote_name(client.access.databases[-1])}.{quote_name(TABLE)}"
    with hold_off_backups(backups_dir) as held:
        if not held:
            return None
        waits = f"SET SESSION lock_wait_timeout={LOCK_SECONDS}, innodb_lock_wait_timeout={LOCK_SECONDS}"
        drop = f"DROP TABLE IF EXISTS {name}"
        make = f"CREATE TABLE {name} (content LONGBLOB NOT NULL) ENGINE=InnoDB"
        fill = f"INSERT INTO {name} VALUES (REPEAT(UUID(), {TRIAL_BYTES // 36 + 1}))"
        try:
            client.run(f"{waits}; {drop}; {make}; {fill}; {drop};", seconds=TRIAL_SECONDS)
        except ProgramError as error:
            if error.code == "database_unreachable":
                return None
            _remove(client, drop)
            return " ".join(error.message.split())[:REASON_LENGTH]
    return ""


def _remove(client: Client, drop: str) -> None:
    """Remove what a trial that failed half-way made; the next trial does where even that cannot be done."""
    try:
        client.run(f"{drop};", seconds=TRIAL_SECONDS)
    except ProgramError:
        return


@contextmanager
def hold_off_backups(backups_dir: Path) -> Iterator[bool]:
    """Hold the lock that a backup holds while it works; yield whether it was free."""
    descriptor = os.open(backups_dir / BACKUP_LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)


def observe_room(env: Environment, client: Client, backups_dir: Path) -> Summary:
    """What the environment's volumes hold, and what the trial said: `volumes`, `write_error` (see `try_to_write`)."""
    volumes = observe_volumes(read_volumes(env))
    free = volumes["db"]["free"] if "db" in volumes else LEAST_BYTES
    return {"volumes": volumes, "write_error": try_to_write(client, free_bytes=free, backups_dir=backups_dir)}
