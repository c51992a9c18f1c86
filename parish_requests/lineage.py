"""Up to which key a set and the data of now are the same rows, whatever was restored in between.

Keys grow by themselves, so that rows above the highest one of a set were entered since. A restore turns that back: what
is entered after it takes the keys again that were given before. So each restore begins a branch, at the highest key of
the set that it put back, and two moments share what lies below where their branches part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backups.data_parts import get_data
from backups.models import Backup, BackupScope
from domain.data_sets import FigureDeclaration
from domain.states import OperationKind, OperationState
from operations.models import Operation


@dataclass(frozen=True, slots=True)
class Branch:
    """One restore. `ended_at`: from when on keys go on from its set's. `moment`: that of the set; `last`: the highest
    key in it, None where that is not known."""

    ended_at: datetime
    moment: datetime
    last: int | None


def compute_shared_key(moment: datetime, last: int, restores: Sequence[Branch]) -> int | None:
    """Return the highest key up to which the set of `moment`, whose own is `last`, and the data of now hold the same
    rows; None where a set in between does not tell. `restores`: all since ever, the oldest first. Pure."""
    of_set = _trace(_find_branch(moment, restores), last, restores)
    of_now = _trace(len(restores), None, restores)
    common = max(of_set.keys() & of_now.keys())
    ends = [path[common] for path in (of_set, of_now)]
    if "?" in ends:
        return None
    known = [end for end in ends if isinstance(end, int)]
    return min(known)


def _find_branch(moment: datetime, restores: Sequence[Branch]) -> int:
    return sum(restore.ended_at <= moment for restore in restores)


def _trace(branch: int, end: int | None, restores: Sequence[Branch]) -> dict[int, int | str | None]:
    """Return each branch from which this one came, down to the first, with the key at which it was left: None for
    never, "?" where that is not known."""
    found: dict[int, int | str | None] = {branch: end}
    while branch:
        begun = restores[branch - 1]
        # A set is of a moment before the restore that puts it back.
        branch = min(_find_branch(begun.moment, restores), branch - 1)
        found[branch] = "?" if begun.last is None else begun.last
    return found


def find_shared_keys(backup: Backup) -> dict[str, int]:
    """Return by figure the highest key that the set shares with the data of now, without those of which it cannot be
    known: the set does not tell them, or one that was restored since does not."""
    declared = get_data(backup.instance).figures
    restores = list_restores(backup)
    sets = {row.backup_id: row for row in Backup.objects.filter(backup_id__in=[_get_set(one) for one in restores])}
    found: dict[str, int] = {}
    for code, figure in declared.items():
        own = backup.figures.get("counts", {}).get(code.value, {}).get("last")
        branches = [_make_branch(one, sets, backup, code.value) for one in restores if _replaces(one, figure)]
        shared = None if own is None else compute_shared_key(backup.started_at, own, branches)
        if shared is not None:
            found[code.value] = shared
    return found


def list_restores(backup: Backup) -> list[Operation]:
    """Return the restores of the set's instance that replaced rows, the oldest first."""
    done = Operation.objects.filter(
        kind=OperationKind.RESTORE, instance_id=backup.instance_id, state=OperationState.SUCCEEDED
    ).exclude(ended_at=None)
    return [one for one in done.order_by("ended_at", "pk") if one.parameters.get("scope") != BackupScope.FILES]


def _replaces(restore: Operation, figure: FigureDeclaration) -> bool:
    asked: Mapping[str, Any] = restore.parameters
    is_there = asked.get("database") in (None, "", figure.database) and asked.get("table") in (None, "", figure.table)
    return is_there and not asked.get("table_as") and not asked.get("tree")


def _get_set(restore: Operation) -> str:
    return str(restore.parameters.get("backup_id") or "")


def _make_branch(restore: Operation, sets: Mapping[str, Backup], backup: Backup, code: str) -> Branch:
    """Return the branch of a restore; keys of another instance's set are no keys of this one."""
    row = sets.get(_get_set(restore))
    is_own = row is not None and row.instance_id == backup.instance_id
    last = row.figures.get("counts", {}).get(code, {}).get("last") if row is not None and is_own else None
    assert restore.ended_at is not None
    moment = restore.ended_at if row is None else row.started_at
    return Branch(ended_at=restore.ended_at, moment=moment, last=last)
