"""Files that are whole and on disk, or not there; plain files, or none."""

import ctypes
import errno
import io
import os
import stat
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)


def open_plain(path: Path) -> io.FileIO:
    """Open a plain file to read it, without buffer. Raise OSError for anything else.

    A link is not followed; a fifo, which nobody may ever write to, is not waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    return io.FileIO(descriptor, "rb")


def sync_file_system(path: Path) -> None:
    """Make everything written to the file system of a directory durable. Raise OSError when some of it is lost.

    Not sync(2), which waits for every other volume of the machine too, and says nothing of errors."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if _LIBC.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
    finally:
        os.close(descriptor)


def sync_directory(path: Path) -> None:
    """Make the names of a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file that is either whole and durable, or not there."""
    new = path.with_name(f".{path.name}.new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
    sync_directory(path.parent)
