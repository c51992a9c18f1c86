"""A set is held while it is read: nobody removes it meanwhile, whoever asked for the one and for the other.

The kernel keeps the hold (flock on the set's manifest, shared for who reads) and frees it when the program dies. Where
a file system knows no such locks, what the manager knows of readers is all there is.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from programs.run.failures import ProgramError
from programs.sets.manifest import NAME


@contextmanager
def hold_set(set_dir: Path) -> Iterator[None]:
    """Hold a set for reading. Raise ProgramError `manifest_missing` for one that went just before; a set without
    manifest is held by nobody, as nobody reads it."""
    descriptor = _open(set_dir / NAME)
    try:
        if descriptor is not None:
            _lock(descriptor, fcntl.LOCK_SH)
            if not _is_there(set_dir / NAME, descriptor):
                hint = "choose another backup"
                raise ProgramError("manifest_missing", f"{set_dir.name} was removed just now", hint=hint)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def claim_set(set_dir: Path) -> Iterator[bool]:
    """Keep readers away from a set that is about to be removed; give whether that was possible: False while it is
    read."""
    descriptor = _open(set_dir / NAME)
    try:
        yield descriptor is None or _lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open(manifest: Path) -> int | None:
    flags = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    # Over NFS only who may write can lock for himself alone.
    for mode in (os.O_RDWR, os.O_RDONLY):
        try:
            return os.open(manifest, mode | flags)
        except OSError:
            continue
    return None


def _lock(descriptor: int, how: int) -> bool:
    """Lock; return whether nobody else's hold was in the way."""
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _is_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(descriptor))
    except FileNotFoundError:
        return False
