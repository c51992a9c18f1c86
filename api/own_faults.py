"""What is wrong with the manager itself when a request fails: its disk, its database, or that it is held just now."""

from django.db import DatabaseError, OperationalError

from domain.errors import CiviparoisseError
from operations.watch import find_full_disks, find_unwritable_database

# Another write holds the database longer than is waited for: SQLite's words, and the numbers of MySQL and MariaDB for a
# lock that was waited for in vain and for a deadlock.
HELD_WORDS = ("database is locked", "database table is locked")
HELD_NUMBERS = frozenset({1205, 1213})
RETRY_SECONDS = 10


def find_own_fault(error: BaseException | None) -> CiviparoisseError | None:
    """Return the manager's own fault that explains `error`; None where it takes what is written, or `error` is of
    another kind."""
    if not isinstance(error, DatabaseError | OSError):
        return None
    faults = [*find_full_disks(), *find_unwritable_database()]
    worst = next((fault for fault in faults if fault.is_critical), None)
    if worst is not None and not _is_held(str(worst.params.get("detail", ""))):
        return CiviparoisseError(worst.code, **worst.params)
    is_held = isinstance(error, OperationalError) and (_is_held(str(error)) or bool(HELD_NUMBERS & set(error.args[:1])))
    return CiviparoisseError("database_held", seconds=RETRY_SECONDS) if is_held or worst is not None else None


def _is_held(words: str) -> bool:
    return any(known in words for known in HELD_WORDS)
