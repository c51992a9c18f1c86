"""Who reads a set now, so that nobody removes it: operations under way, and what other apps register."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping

from backups.models import Backup
from domain.states import ACTIVE_OPERATION_STATES, OperationKind
from operations.models import Operation

# Identifiers of sets -> of those that it reads, by identifier, the name of what reads (an operation, a copy).
Holder = Callable[[Collection[str]], Mapping[str, str]]
_holders: list[Holder] = []


def register_holder(holder: Holder) -> None:
    """Have `holder` asked before any set is removed; registered twice, it is asked once."""
    if holder not in _holders:
        _holders.append(holder)


def list_holders(backup_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return who reads each of these sets, by identifier; a set that nobody reads is not in the answer."""
    wanted = set(backup_ids)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for holder in (find_operations, *_holders):
        for backup_id, name in holder(wanted).items():
            if backup_id in wanted and name not in found[backup_id]:
                found[backup_id].append(name)
    return {backup_id: tuple(names) for backup_id, names in found.items()}


def find_operations(backup_ids: Collection[str]) -> dict[str, str]:
    """Return the operation under way that reads a set (its parameter `backup_id`), or that took it."""
    named = {operation.parameters["backup_id"]: operation.public_id for operation in list_readers(backup_ids)}
    taken = Backup.objects.filter(backup_id__in=backup_ids, operation__state__in=_ACTIVE)
    return dict(taken.values_list("backup_id", "operation__public_id")) | named


def list_readers(backup_ids: Collection[str]) -> Iterator[Operation]:
    """Yield the operations under way, of whatever kind and instance, that read one of these sets."""
    wanted = set(backup_ids)
    for operation in Operation.objects.filter(state__in=_ACTIVE).exclude(kind=OperationKind.PRUNE):
        if operation.parameters.get("backup_id") in wanted:
            yield operation


_ACTIVE = [state.value for state in ACTIVE_OPERATION_STATES]
