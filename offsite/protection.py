"""Whether each instance's newest sets are elsewhere too: for lists, the first page and the production checklist."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from backups.checklist import Answer
from backups.models import Backup, BackupScope, BackupState
from offsite.documents import get_last_protected
from offsite.models import PROTECTING, BackupCopy, CopyState, Destination
from tenants.models import Instance

# A set that is not elsewhere after so long is late: copies begin within a minute, and a large one takes hours.
LATE_AFTER = timedelta(hours=24)
DAMAGED = (CopyState.MISSING, CopyState.DIFFERENT)


def select_unprotected(rows: QuerySet[Any], *, now: datetime) -> QuerySet[Any]:
    """Narrow to the instances whose newest whole good set of more than a day ago is nowhere else, nor a newer one; none
    where this installation has no destination in use."""
    if not Destination.objects.filter(enabled=True).exists():
        return rows.none()
    whole = Backup.objects.filter(instance=OuterRef("pk"), state=BackupState.GOOD, scope=BackupScope.FULL)
    newest = whole.exclude(reason="safety").filter(started_at__lt=now - LATE_AFTER).order_by("-started_at")
    copies = BackupCopy.objects.filter(backup__instance=OuterRef("pk"), state__in=PROTECTING)
    dated: QuerySet[Any] = rows.annotate(
        due_at=Subquery(newest.values("started_at")[:1], output_field=DateTimeField()),
        protected_at=Subquery(
            copies.order_by("-backup__started_at").values("backup__started_at")[:1], output_field=DateTimeField()
        ),
    )
    late: QuerySet[Any] = dated.filter(Q(protected_at=None) | Q(protected_at__lt=F("due_at")), due_at__isnull=False)
    return late


def select_damaged(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Narrow to the instances with a copy of a good set that is missing at its destination, or is not what was sent."""
    damaged = BackupCopy.objects.filter(
        backup__instance=OuterRef("pk"), backup__state=BackupState.GOOD, state__in=DAMAGED
    )
    return rows.filter(Exists(damaged))


def answer_remote_copies(instance: Instance, now: datetime) -> Answer:
    """Answer the checklist: is the newest set that is due elsewhere, compared with what was sent?"""
    protected = get_last_protected(instance)
    row = Instance.objects.filter(pk=instance.pk)
    has_place = Destination.objects.filter(enabled=True).exists()
    late = select_unprotected(row, now=now).exists() or select_damaged(row).exists()
    last = date_format(localtime(protected), "SHORT_DATETIME_FORMAT") if protected else _("never")
    return Answer(
        code="remote_copies",
        question=_("Is a checked copy elsewhere?"),
        is_met=has_place and protected is not None and not late,
        detail=_("last set with a checked copy: %(time)s") % {"time": last}
        if has_place
        else _("no destination of copies is in use"),
    )
