"""What a trouble of instances is: its name, how bad it is, what is said of it, and which rows have it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from domain.findings import Level

Rows = QuerySet[Any]


class Trouble(StrEnum):
    """What can be wrong with an instance."""

    FAILED = "failed"
    STUCK = "stuck"
    FALLING = "falling"
    LAST_FAILED = "last_failed"
    NEVER_BACKED_UP = "never_backed_up"
    BACKUP_LATE = "backup_late"
    BACKUP_FAILED = "backup_failed"
    PROOF_FAILED = "proof_failed"
    PROOF_OVERDUE = "proof_overdue"
    COPY_DAMAGED = "copy_damaged"
    UNPROTECTED = "unprotected"
    CERTIFICATE_ENDS = "certificate_ends"
    BACKUP_IN_FUTURE = "backup_in_future"
    BACKUP_OLD = "backup_old"
    BACKUP_WARNED = "backup_warned"
    TAKES_NO_ROWS = "takes_no_rows"
    VOLUME_FULL = "volume_full"
    VOLUME_FILLING = "volume_filling"
    CRON_FAILED = "cron_failed"
    CRON_SILENT = "cron_silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleRule:
    """`title`: filled with the count. `label`: for the list's filter. `select`: narrows rows of `list_watched`."""

    level: Level
    title: Any
    label: Any
    select: Callable[[Rows, datetime], Rows]
