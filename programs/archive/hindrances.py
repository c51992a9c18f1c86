"""What is in the way of a restore in a live tree: a backup says it on its set, so that people know it before.

Of another account, or immutable: at the top, such an entry cannot be moved, and a restore is refused; further down it
moves with what is around it, and cannot be deleted afterwards.
"""

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from programs.archive.swap import FROZEN_FLAGS, find_hindrance, list_entries, may_write, read_flags
from programs.archive.tree import format_path

NOT_MOVABLE, NOT_DELETABLE = "not movable by a restore: ", "not deletable by a restore: "
SHOWN = 3


def describe_hindrances(tree: str, root: Path) -> list[str]:
    """Return what must be said of a tree, as a person calls it: one line for each of the two ways, or none."""
    refused = {os.fsencode(name): reason for name in list_entries(root) if (reason := find_hindrance(root, name))}
    left = list_undeletable(os.fsencode(root), skipped=refused.keys())
    told = [_tell(NOT_MOVABLE, tree, iter(refused.items())), _tell(NOT_DELETABLE, tree, left)]
    return [line for line in told if line]


def _tell(beginning: str, tree: str, found: Iterator[tuple[bytes, str]]) -> str:
    shown: list[str] = []
    more = 0
    for path, reason in found:
        if len(shown) < SHOWN:
            shown.append(f"{tree}/{format_path(path)} ({reason})")
        else:
            more += 1
    return beginning + ", ".join(shown) + (f", and {more} more" if more else "") if shown else ""


def list_undeletable(root: bytes, *, skipped: Collection[bytes] = ()) -> Iterator[tuple[bytes, str]]:
    """Give each path below the root that this account could not delete, with the reason; not what is in it, nor in the
    entries `skipped`. What goes away meanwhile is not there."""
    pending = [os.fsencode(name) for name in reversed(list_entries(Path(os.fsdecode(root))))]
    while pending:
        path = pending.pop()
        if path in skipped:
            continue
        try:
            status = os.lstat(os.path.join(root, path))
            reason, below = _look_at(root, path, status)
        except FileNotFoundError:
            continue
        if reason:
            yield path, reason
        else:
            pending += [os.path.join(path, name) for name in sorted(below, reverse=True)]


def _look_at(root: bytes, path: bytes, status: os.stat_result) -> tuple[str, list[bytes]]:
    """Why an entry, or all that is in a directory, cannot be deleted, else "" and what is in it."""
    whole, account = Path(os.fsdecode(os.path.join(root, path))), os.geteuid()
    if read_flags(whole, status) & FROZEN_FLAGS:
        return "it is immutable or append-only", []
    above = os.lstat(whole.parent)
    if account not in (0, status.st_uid, above.st_uid) and above.st_mode & stat.S_ISVTX:
        return "it belongs to another account, in a directory where only owners may delete", []
    if not stat.S_ISDIR(status.st_mode):
        return "", []
    is_own = account in (0, status.st_uid)
    try:
        below = os.listdir(os.path.join(root, path))
    except PermissionError:
        return ("" if is_own else "it is a directory of another account, which cannot be read"), []
    if below and not is_own and not may_write(whole, status):
        return "it is a directory of another account", []
    return "", below
