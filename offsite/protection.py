"""Whether each instance's newest sets are elsewhere too: for lists, the first page and the production checklist."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from backups.ages import Protection
from backups.checklist import Answer
from backups.models import Backup, BackupScope, BackupState
from domain.specs import InstanceKind
from offsite.documents import get_last_protected
from offsite.models import PROTECTING, BackupCopy, CopyState, Destination, RecoveryKey
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
    dated: QuerySet[Any] = rows.annotate(
        due_at=Subquery(newest.values("started_at")[:1], output_field=DateTimeField()),
        protected_at=make_last_protected("pk"),
    )
    late: QuerySet[Any] = dated.filter(Q(protected_at=None) | Q(protected_at__lt=F("due_at")), due_at__isnull=False)
    return late


def select_damaged(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Narrow to the instances with a copy of a good set that is missing at its destination, or is not what was sent."""
    damaged = BackupCopy.objects.filter(
        backup__instance=OuterRef("pk"), backup__state=BackupState.GOOD, state__in=DAMAGED
    )
    return rows.filter(Exists(damaged))


def make_last_protected(outer: str) -> Subquery:
    """Return, for a query of other rows, the start of the instance's newest set of which a checked copy is elsewhere.
    `outer`: the path to the instance."""
    copies = BackupCopy.objects.filter(backup__instance=OuterRef(outer), state__in=PROTECTING)
    newest = copies.order_by("-backup__started_at").values("backup__started_at")[:1]
    return Subquery(newest, output_field=DateTimeField())


def find_protection(keys: Collection[int], now: datetime) -> dict[int, Protection]:
    """Return how each of these production instances stands, by its key; nothing where no destination is in use."""
    if not Destination.objects.filter(enabled=True).exists():
        return {}
    rows = Instance.objects.filter(pk__in=keys, kind=InstanceKind.PRODUCTION.value)
    late = {*select_unprotected(rows, now=now).values_list("pk", flat=True)}
    late |= {*select_damaged(rows).values_list("pk", flat=True)}
    dated = rows.annotate(protected_at=make_last_protected("pk")).values_list("pk", "protected_at")
    return {key: Protection(protected_at=at, is_late=key in late) for key, at in dated}


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


def answer_sealed(now: datetime) -> list[Answer]:  # noqa: ARG001 - a question of the checklist
    """Answer the checklist: is everything that leaves sealed, and is there a key on paper that was tried?"""
    key = RecoveryKey.objects.exclude(proven_at=None).order_by("-pk").first()
    tried = date_format(localtime(key.proven_at), "SHORT_DATE_FORMAT") if key is not None and key.proven_at else ""
    detail = _("the recovery key was tried on %(day)s") % {"day": tried} if tried else _("no recovery key was tried")
    question = _("Are copies sealed, and was the printed recovery key tried?")
    return [Answer(code="encrypted", question=question, is_met=bool(tried), detail=detail)]
