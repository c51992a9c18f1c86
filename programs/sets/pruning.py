"""Removes from a volume what the manager's rule lets go: where a new set would not fit, or after each good one."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from programs.run.failures import Summary
from programs.sets.removal import TRASH, remove_trash, take_name
from programs.sets.retention import HeldSet
from programs.sets.told_retention import AFTER, ToldRetention, select_let_go

# A result is a small document.
TOLD_SETS = 50


def observe_room(directory: Path) -> dict[str, int]:
    """Return the size of the file system of a directory, and what is free there for us, in bytes."""
    info = os.statvfs(directory)
    return {"volume_bytes": info.f_blocks * info.f_frsize, "free_bytes": info.f_bavail * info.f_frsize}


class Pruning:
    """What one run removes. `told` None: nothing."""

    def __init__(self, backups_dir: Path, told: ToldRetention | None, *, key: bytes, now: datetime) -> None:
        self._dir, self._told, self._key, self._now = backups_dir, told, key, now
        self._removed: list[HeldSet] = []
        self._failed = ""

    def make_room(self, needed: int) -> None:
        """Remove sets, the oldest first, until `needed` bytes are free or nothing else may go."""
        for one in self._select():
            if observe_room(self._dir)["free_bytes"] >= needed:
                return
            self._remove(one)

    def follow_rule(self) -> None:
        """Remove all that the rule lets go, where it is told so. A failure is told, and harms no good set."""
        if self._told is None or self._told.when != AFTER:
            return
        try:
            for one in self._select():
                self._remove(one)
        except OSError as error:
            self._failed = type(error).__name__

    def make_summary(self) -> Summary:
        """Return what the result says of it."""
        if self._told is None:
            return {}
        told: Summary = {
            "pruned": [one.backup_id for one in self._removed[:TOLD_SETS]],
            "freed_bytes": sum(one.stored_bytes for one in self._removed),
        }
        return {**told, **({"prune_failed": self._failed} if self._failed else {})}

    def _select(self) -> Sequence[HeldSet]:
        if self._told is None:
            return ()
        return select_let_go(self._dir, self._told, key=self._key, now=self._now)[:TOLD_SETS]

    def _remove(self, one: HeldSet) -> None:
        """Remove a set, which loses its name first: a run that dies leaves no half set that looks like a backup. One
        that somebody reads stays for the next run."""
        if not take_name(self._dir / one.backup_id, self._dir / f"{TRASH}{one.backup_id}"):
            return
        self._removed.append(one)
        remove_trash(self._dir)
