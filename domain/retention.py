"""Which backups of an instance are out of retention. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSet:
    """A backup set that is on the volume. `scope`: full, database or files; `good`: it can be restored."""

    backup_id: str
    started_at: datetime
    scope: str
    good: bool
    stored_bytes: int = 0


def select_newest(sets: Iterable[HeldSet]) -> dict[str, HeldSet]:
    """Return the newest good set of each scope: these are kept whatever their age."""
    newest: dict[str, HeldSet] = {}
    for backup in sorted(sets, key=lambda backup: (backup.started_at, backup.backup_id)):
        if backup.good:
            newest[backup.scope] = backup
    return newest


def select_out_of_retention(sets: Iterable[HeldSet], *, before: datetime) -> tuple[HeldSet, ...]:
    """Return the sets begun before `before`, the oldest first, less those that are always kept."""
    held = list(sets)
    kept = {backup.backup_id for backup in select_newest(held).values()}
    old = [backup for backup in held if backup.started_at < before and backup.backup_id not in kept]
    return tuple(sorted(old, key=lambda backup: (backup.started_at, backup.backup_id)))
