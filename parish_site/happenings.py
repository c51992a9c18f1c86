"""What was done lately with a parish's site, in words of people: no machine is named, nor who works at UEPAL."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backups.models import Backup, BackupReason, BackupState
from domain.states import OperationKind, OperationState
from operations.models import Operation
from tenants.models import Instance

SHOWN = 8
WEEK = timedelta(days=7)
# Kind -> (it succeeded, it did not). What is not here changes nothing that a parish sees.
SENTENCES: Mapping[str, tuple[Any, Any]] = {
    OperationKind.PROVISION: (gettext_lazy("Your site was set up."), gettext_lazy("Your site could not be set up.")),
    OperationKind.RESTORE: (
        gettext_lazy("Data of an earlier moment was put back."),
        gettext_lazy("Data of an earlier moment could not be put back."),
    ),
    OperationKind.UPGRADE: (
        gettext_lazy("Your site was given a newer version."),
        gettext_lazy("A newer version could not be installed."),
    ),
    OperationKind.RESIZE: (
        gettext_lazy("Your site was given other sizes."),
        gettext_lazy("Your site could not be given other sizes."),
    ),
    OperationKind.SUSPEND: (gettext_lazy("Your site was stopped."), gettext_lazy("Your site could not be stopped.")),
    OperationKind.RESUME: (
        gettext_lazy("Your site was started again."),
        gettext_lazy("Your site could not be started again."),
    ),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line: when, and what."""

    at: datetime
    text: str


def list_happenings(instance: Instance) -> list[Happening]:
    """Return what was done with `instance`, the newest first, so many at most."""
    rows = Operation.objects.filter(instance=instance, kind__in=SENTENCES, ended_at__isnull=False)
    rows = rows.filter(state__in=[OperationState.SUCCEEDED.value, OperationState.FAILED.value])
    shown = rows.only("kind", "state", "ended_at").order_by("-ended_at", "-pk")[:SHOWN]
    return [
        Happening(row.ended_at, str(SENTENCES[row.kind][row.state != OperationState.SUCCEEDED]))
        for row in shown
        if row.ended_at is not None
    ]


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
