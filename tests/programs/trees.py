"""What a file tree holds, as values that compare."""

import hashlib
import os
import stat
from pathlib import Path

Entry = tuple[object, ...]


def compute_contents_hash(path: bytes) -> str:
    """sha256 of the offsets and bytes that are not zero: two files are equal if and only if size and this are."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        end = os.fstat(file.fileno()).st_size
        position = 0
        while position < end:
            try:
                position = os.lseek(file.fileno(), position, os.SEEK_DATA)
            except OSError:
                break  # only a hole is left
            position -= position % 4096
            chunk = os.pread(file.fileno(), 4096, position)
            if chunk.strip(b"\0"):
                digest.update(b"%d:" % position + chunk)
            position += 4096
    return digest.hexdigest()


def describe_tree(root: Path, *, with_root: bool = False) -> dict[bytes, Entry]:
    """Every entry below `root`: kind, mode, modification second, owner, size and contents or target."""
    found: dict[bytes, Entry] = {}
    top = os.fsencode(root)
    pending = [top]
    while pending:
        directory = pending.pop()
        for name in os.listdir(directory):
            path = os.path.join(directory, name)
            found[os.path.relpath(path, top)] = describe(path)
            if stat.S_ISDIR(os.lstat(path).st_mode):
                pending.append(path)
    if with_root:
        found[b"."] = describe(top)
    return found


def describe(path: bytes) -> Entry:
    """One entry."""
    status = os.lstat(path)
    common = (stat.S_IFMT(status.st_mode), int(status.st_mtime // 1), status.st_uid, status.st_gid)
    if stat.S_ISLNK(status.st_mode):
        return (*common, os.readlink(path))
    if stat.S_ISREG(status.st_mode):
        return (*common, stat.S_IMODE(status.st_mode), status.st_size, compute_contents_hash(path))
    return (*common, stat.S_IMODE(status.st_mode))
