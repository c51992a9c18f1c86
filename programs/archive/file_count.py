"""How many files a live tree holds that would be in a set of it, and how many of them are newer than a moment."""

import os
import stat
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from programs.archive.members import is_own_directory


def count_files(root: Path, *, left_out: Sequence[str] = (), newer_than: int | None = None) -> dict[str, int]:
    """Return {"count"}, with "newest" (seconds) where there is a file, and "changed" where `newer_than` (seconds) is
    given. As tar counts: links to one file once, what a pattern of `left_out` names not at all, and neither what the
    manager's own programs keep there. Raise OSError for a directory that cannot be read."""
    patterns = [pattern.split("/") for pattern in left_out]
    told, linked = {"count": 0, "changed": 0}, set[tuple[int, int]]()
    newest: int | None = None
    pending: list[tuple[str, ...]] = [()]
    while pending:
        below = pending.pop()
        for entry in _list_entries(root, below):
            path = (*below, entry.name)
            if _is_left_out(path, patterns) or (not below and is_own_directory(os.fsencode(entry.name))):
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append(path)
                continue
            status = _look_at(entry)
            if status is None or (status.st_dev, status.st_ino) in linked:
                continue
            if status.st_nlink > 1:
                linked.add((status.st_dev, status.st_ino))
            told["count"] += 1
            seconds = int(status.st_mtime)
            told["changed"] += newer_than is not None and seconds > newer_than
            newest = seconds if newest is None else max(newest, seconds)
    if newer_than is None:
        del told["changed"]
    return told if newest is None else {**told, "newest": newest}


def _list_entries(root: Path, below: tuple[str, ...]) -> list[os.DirEntry[str]]:
    """Return what is in a directory; nothing of one below the root that went meanwhile."""
    try:
        with os.scandir(root.joinpath(*below)) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        if not below:
            raise
        return []


def _look_at(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Return what is known of a file; None for anything else, and for what went meanwhile."""
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _is_left_out(path: tuple[str, ...], patterns: Sequence[Sequence[str]]) -> bool:
    """Tell whether a pattern names the path; no part of one matches a slash. A directory goes with all below it."""
    return any(len(pattern) == len(path) and all(map(fnmatchcase, path, pattern)) for pattern in patterns)
