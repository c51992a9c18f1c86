"""Sets that requests need: nobody removes the moment of an open request, nor the safety copy of what was done."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from backups.models import Backup, BackupState
from backups.pins import pin_backup
from domain.errors import CiviparoisseError
from domain.parish_requests import OPEN_STATES, RequestState
from operations.models import Operation
from parish_requests.models import RestoreRequest

log = logging.getLogger("parish_requests")

PINNED_FOR = timedelta(days=30)
# Of a restore's data: the set that was taken of what it replaced (backups.restore_steps).
SAFETY_KEY = "safety_backup_id"
_OPEN = [state.value for state in OPEN_STATES]


def find_requested(backup_ids: Collection[str]) -> dict[str, str]:
    """Return, of these sets, those that an open request names, or the restore of one has just taken, with the request:
    a holder of sets (backups.holders)."""
    rows = RestoreRequest.objects.filter(state__in=_OPEN, backup__backup_id__in=backup_ids)
    found = {
        str(name): f"request {reference}" for name, reference in rows.values_list("backup__backup_id", "reference")
    }
    taken = RestoreRequest.objects.filter(Q(state=RequestState.RUNNING), operation__isnull=False)
    for reference, data in taken.values_list("reference", "operation__data"):
        safety = str((data or {}).get(SAFETY_KEY, ""))
        if safety in backup_ids:
            found.setdefault(safety, f"request {reference}")
    return found


def keep_safety_copy(request: RestoreRequest, operation: Operation, *, now: datetime) -> Backup | None:
    """Pin the safety copy that `operation` took, for as long as PINNED_FOR from its end, and return it; None where
    there is none."""
    safety = Backup.objects.filter(backup_id=operation.data.get(SAFETY_KEY) or "").first()
    if safety is None or safety.state != BackupState.GOOD:
        return None
    pin_set(request, safety, until=(operation.ended_at or now) + PINNED_FOR, now=now)
    return safety


def pin_set(request: RestoreRequest, backup: Backup, *, until: datetime, now: datetime) -> None:
    """Pin a set until then for what a request needs of it; one that is pinned for longer stays as it is, and one that
    cannot be pinned is logged."""
    is_kept = backup.pinned_at is not None and (backup.pinned_until is None or backup.pinned_until >= until)
    if is_kept or until <= now:
        return
    by = f"request {request.reference}"
    try:
        pin_backup(backup, reason=by, until=until, requested_by=by, now=now)
    except CiviparoisseError as error:
        log.error("set %s of request %s is not pinned: %s", backup.backup_id, request.reference, error.code)
