"""Who reads or removes a set now: operations under way whose kind declares it, those that took it, and what other apps
register. Nobody removes what is read."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from backups.models import Backup
from domain.states import ACTIVE_OPERATION_STATES
from operations.declared_parameters import BackupUse
from operations.models import Operation
from operations.registry import get_kind, select_codes

# Identifiers of sets -> of those that it reads, by identifier, the name of what reads (an operation, a copy).
Holder = Callable[[Collection[str]], Mapping[str, str]]
_ACTIVE = [state.value for state in ACTIVE_OPERATION_STATES]
_holders: list[Holder] = []


def register_holder(holder: Holder) -> None:
    """Have `holder` asked before any set is removed; registered twice, it is asked once."""
    if holder not in _holders:
        _holders.append(holder)


def list_holders(backup_ids: Iterable[str], *, with_operations: bool = True) -> dict[str, tuple[str, ...]]:
    """Return who reads each of these sets, by identifier; a set that nobody reads is not in the answer.
    `with_operations`: also operations under way, not only what other apps registered."""
    wanted = set(backup_ids)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for holder in (*((find_operations,) if with_operations else ()), *_holders):
        for backup_id, name in holder(wanted).items():
            if backup_id in wanted and name not in found[backup_id]:
                found[backup_id].append(name)
    return {backup_id: tuple(names) for backup_id, names in sorted(found.items())}


def find_operations(backup_ids: Collection[str]) -> dict[str, str]:
    """Return the operation under way that reads a set, or that took it."""
    taken = Backup.objects.filter(backup_id__in=backup_ids, operation__state__in=_ACTIVE)
    found = dict(taken.values_list("backup_id", "operation__public_id"))
    for operation in _list_users(BackupUse.READ):
        found |= dict.fromkeys(list_named_backups(operation, BackupUse.READ) & set(backup_ids), operation.public_id)
    return found


def find_remover(backup_ids: Iterable[str]) -> Operation | None:
    """Return an operation under way that removes one of these sets."""
    wanted = set(backup_ids)
    removers = _list_users(BackupUse.REMOVED)
    return next((one for one in removers if wanted & list_named_backups(one, BackupUse.REMOVED)), None)


def list_leaving() -> set[str]:
    """Return the sets that operations under way remove."""
    leaving: set[str] = set()
    for operation in _list_users(BackupUse.REMOVED):
        leaving |= list_named_backups(operation, BackupUse.REMOVED)
    return leaving


def list_named_backups(operation: Operation, use: BackupUse) -> set[str]:
    """Return the sets that the operation's parameters name for `use`."""
    named: set[str] = set()
    for parameter in get_kind(operation.kind).parameters:
        value = operation.parameters.get(parameter.name) if parameter.of_backups is use else None
        named |= {value} if isinstance(value, str) else set(value or ())
    return named


def _list_users(use: BackupUse) -> Iterator[Operation]:
    kinds = select_codes(lambda kind: any(parameter.of_backups is use for parameter in kind.parameters))
    yield from Operation.objects.filter(kind__in=kinds, state__in=_ACTIVE)
