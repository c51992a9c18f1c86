"""What was done lately with a parish's site, in words of people: no machine is named, nor who works at UEPAL."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backups.models import Backup, BackupReason, BackupState
from domain.states import OperationState
from operations.models import Operation
from operations.registry import get_kind, select_codes
from tenants.models import Instance

SHOWN = 8
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Happening:
    """One line: when, and what."""

    at: datetime
    text: str


def list_happenings(instance: Instance) -> list[Happening]:
    """Return what was done with `instance`, the newest first, so many at most. What changes nothing that a parish sees
    is not among it."""
    told = select_codes(lambda kind: kind.parish_words.done is not None)
    rows = Operation.objects.filter(instance=instance, kind__in=told, ended_at__isnull=False)
    rows = rows.filter(state__in=[OperationState.SUCCEEDED.value, OperationState.FAILED.value])
    shown = rows.only("kind", "state", "ended_at").order_by("-ended_at", "-pk")[:SHOWN]
    return [Happening(row.ended_at, _tell(row)) for row in shown if row.ended_at is not None]


def _tell(operation: Operation) -> str:
    words = get_kind(operation.kind).parish_words
    return str(words.done if operation.state == OperationState.SUCCEEDED else words.failed)


def count_saved(instance: Instance, *, now: datetime) -> str:
    """Return how often `instance` was saved in the last seven days, as a sentence."""
    rows = Backup.objects.filter(instance=instance, started_at__gt=now - WEEK, started_at__lte=now)
    count = rows.filter(state=BackupState.GOOD).exclude(reason=BackupReason.SAFETY).count()
    if not count:
        return _("In the last seven days nothing was saved.")
    text = ngettext(
        "In the last seven days it was saved %(count)s time.",
        "In the last seven days it was saved %(count)s times.",
        count,
    )
    return text % {"count": count}
