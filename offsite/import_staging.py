"""Copies a set aside, on the file system of its instance, until it is whole and checked and gets its name.

Aside lies in the instance's directory, which its own account cannot change, never among its sets. What an import that
was killed left there, the next one removes.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from programs.fetch import check_room
from programs.run.durable import open_plain, sync_directory
from programs.run.failures import ProgramError
from programs.sets.manifest import NAME, Artifact, Manifest
from programs.verify import check_names

STAGING = ".import-"
CHUNK_BYTES = 1024 * 1024


@contextmanager
def staging(sets_directory: Path) -> Iterator[Path]:
    """Give a new directory beside the instance's sets, and remove it at the end unless it got a name."""
    remove_left(sets_directory.parent)
    directory, descriptor = _make_directory(sets_directory.parent)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        os.close(descriptor)


def remove_left(parent: Path) -> None:
    """Remove what imports that were killed left: the kernel freed their locks."""
    for directory in parent.glob(f"{STAGING}*"):
        # Gone meanwhile, or another import is at work in it.
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory, ignore_errors=True)
            finally:
                os.close(descriptor)


def copy_set(source: Path, target: Path, manifest: Manifest, *, data: bytes) -> None:
    """Copy the artifacts of a set, then its manifest, whose bytes are `data`. Raise ProgramError for a file that is not
    the manifest's, is no plain one or has another size, and OSError."""
    check_names(source, manifest)
    for artifact in manifest.artifacts:
        _copy(source / artifact.name, target / artifact.name, artifact)
    with (target / NAME).open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    sync_directory(target)


def check_room_for(sets_directory: Path, manifest: Manifest) -> None:
    """Raise ProgramError `no_space` unless the set fits beside those that are there."""
    check_room(sets_directory, sum(artifact.stored_bytes for artifact in manifest.artifacts))


def give_name(directory: Path, target: Path) -> bool:
    """Give the set aside to the account of the sets' directory, and move it to its place there; return whether it is
    there now by this call: False when another import was first. Nothing that is there is replaced."""
    owner = target.parent.stat()
    for path in (*directory.iterdir(), directory):
        path.chmod(0o700 if path == directory else 0o600)
        if (path.stat().st_uid, path.stat().st_gid) != (owner.st_uid, owner.st_gid):
            os.chown(path, owner.st_uid, owner.st_gid)
    if os.path.lexists(target):
        return False
    try:
        directory.rename(target)
    except OSError:
        if os.path.lexists(target):
            return False
        raise
    sync_directory(target.parent)
    return True


def _make_directory(parent: Path) -> tuple[Path, int]:
    """Return a new directory and the descriptor that holds its lock. One that another import took for left behind,
    before it was locked, is made again."""
    while True:
        directory = Path(tempfile.mkdtemp(prefix=STAGING, dir=parent))
        try:
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if directory.exists():
            return directory, descriptor
        os.close(descriptor)


def _copy(source: Path, target: Path, artifact: Artifact) -> None:
    with open_plain(source) as file, target.open("xb") as copy:
        size = os.fstat(file.fileno()).st_size
        if size != artifact.stored_bytes:
            message = f"{artifact.name}: {size} bytes, not {artifact.stored_bytes}"
            raise ProgramError("artifact_damaged", message, params={"artifact": artifact.name})
        left = size
        while left and (chunk := file.read(min(left, CHUNK_BYTES))):
            copy.write(chunk)
            left -= len(chunk)
        copy.flush()
        os.fsync(copy.fileno())
