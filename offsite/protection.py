"""Whether each instance's newest sets are elsewhere too: for lists, the first page and the production checklist.

A set is protected once as many copies of it as its policy wants are in different places, each compared with what was
sent, lately enough to be believed, at a destination that is in use.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backups.ages import Protection
from backups.checklist import Answer
from backups.models import Backup, BackupPolicy, BackupScope, BackupState, InstancePolicy, PolicyDefault
from domain.specs import InstanceKind
from offsite.comparing import COMPARE_AFTER
from offsite.models import PROTECTING, BackupCopy, CopyState, Destination, RecoveryKey
from tenants.models import Instance

# A set that is not elsewhere after so long is late: copies begin within a minute, and a large one takes hours.
LATE_AFTER = timedelta(hours=24)
# What no destination told of for so long is believed no longer: three comparisons that failed.
BELIEVED_FOR = 3 * COMPARE_AFTER
DAMAGED = (CopyState.MISSING, CopyState.DIFFERENT)
WANTED_WITHOUT_POLICY = 1


def annotate_protection(rows: QuerySet[Any], *, now: datetime) -> QuerySet[Any]:
    """Add to each instance `wanted` (copies in different places, by its policy) and `protected_at`: when its newest
    protected set began, None without one."""
    own = InstancePolicy.objects.filter(instance=OuterRef("pk")).exclude(policy=None).values("policy__copies_wanted")
    default = PolicyDefault.objects.filter(kind=OuterRef("kind")).values("policy__copies_wanted")
    there = Q(
        copies__state__in=PROTECTING, copies__destination__enabled=True, copies__checked_at__gt=now - BELIEVED_FOR
    )
    sets = Backup.objects.filter(instance=OuterRef("pk")).order_by("-started_at")
    counted = sets.annotate(places=Count("copies__destination__place", filter=there, distinct=True))
    # One question for each number that policies want: there are few.
    numbers = {WANTED_WITHOUT_POLICY, *BackupPolicy.objects.values_list("copies_wanted", flat=True).distinct()}
    newest = {number: counted.filter(places__gte=number).values("started_at")[:1] for number in sorted(numbers)}
    dated: QuerySet[Any] = rows.annotate(
        wanted=Coalesce(Subquery(own[:1]), Subquery(default[:1]), WANTED_WITHOUT_POLICY)
    ).annotate(
        protected_at=Case(
            *(When(wanted=number, then=Subquery(sets)) for number, sets in newest.items()),
            output_field=DateTimeField(null=True),
        )
    )
    return dated


def select_unprotected(rows: QuerySet[Any], *, now: datetime) -> QuerySet[Any]:
    """Narrow to the instances whose newest whole good set of more than a day ago is not protected, nor a newer one;
    none where this installation has no destination in use, or the policy wants no copy."""
    if not Destination.objects.filter(enabled=True).exists():
        return rows.none()
    whole = Backup.objects.filter(instance=OuterRef("pk"), state=BackupState.GOOD, scope=BackupScope.FULL)
    newest = whole.exclude(reason="safety").filter(started_at__lt=now - LATE_AFTER).order_by("-started_at")
    dated: QuerySet[Any] = annotate_protection(rows, now=now).annotate(
        due_at=Subquery(newest.values("started_at")[:1], output_field=DateTimeField())
    )
    late: QuerySet[Any] = dated.filter(
        Q(protected_at=None) | Q(protected_at__lt=F("due_at")), due_at__isnull=False, wanted__gt=0
    )
    return late


def select_damaged(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Narrow to the instances with a copy of a good set that is missing at its destination, or is not what was sent."""
    damaged = BackupCopy.objects.filter(
        backup__instance=OuterRef("pk"), backup__state=BackupState.GOOD, state__in=DAMAGED
    )
    return rows.filter(Exists(damaged))


def find_protection(keys: Collection[int], now: datetime) -> dict[int, Protection]:
    """Return how each of these production instances stands, by its key; nothing of those whose policy wants no copy,
    and where no destination is in use."""
    if not Destination.objects.filter(enabled=True).exists():
        return {}
    rows = Instance.objects.filter(pk__in=keys, kind=InstanceKind.PRODUCTION.value)
    late = {*select_unprotected(rows, now=now).values_list("pk", flat=True)}
    late |= {*select_damaged(rows).values_list("pk", flat=True)}
    dated = annotate_protection(rows, now=now).filter(wanted__gt=0).values_list("pk", "protected_at")
    return {key: Protection(protected_at=at, is_late=key in late) for key, at in dated}


def get_last_protected(instance: Instance, *, now: datetime | None = None) -> datetime | None:
    """Return when the newest set began of which as many checked copies are elsewhere as its policy wants; None without
    one, and where none are wanted."""
    rows = annotate_protection(Instance.objects.filter(pk=instance.pk), now=now or timezone.now())
    row = rows.values("wanted", "protected_at").first()
    return row["protected_at"] if row and row["wanted"] else None


def answer_remote_copies(instance: Instance, now: datetime) -> Answer:
    """Answer the checklist: is the newest set that is due in as many places elsewhere as wanted, compared there?"""
    row = annotate_protection(Instance.objects.filter(pk=instance.pk), now=now).get()
    mine = Instance.objects.filter(pk=instance.pk)
    has_place = Destination.objects.filter(enabled=True).exists()
    late = select_unprotected(mine, now=now).exists() or select_damaged(mine).exists()
    is_met = has_place and row.wanted > 0 and row.protected_at is not None and not late
    if not has_place:
        detail = _("no destination of copies is in use")
    elif not row.wanted:
        detail = _("the policy wants no copy elsewhere")
    else:
        at = row.protected_at
        last = date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else _("never")
        text = ngettext(
            "last set with a checked copy in %(count)s place: %(time)s",
            "last set with checked copies in %(count)s places: %(time)s",
            row.wanted,
        )
        detail = text % {"time": last, "count": row.wanted}
    return Answer(code="remote_copies", question=_("Is a checked copy elsewhere?"), is_met=is_met, detail=detail)


def answer_sealed(now: datetime) -> list[Answer]:  # noqa: ARG001 - a question of the checklist
    """Answer the checklist: is everything that leaves sealed, and is there a key on paper that was tried?"""
    key = RecoveryKey.objects.exclude(proven_at=None).order_by("-pk").first()
    tried = date_format(localtime(key.proven_at), "SHORT_DATE_FORMAT") if key is not None and key.proven_at else ""
    detail = _("the recovery key was tried on %(day)s") % {"day": tried} if tried else _("no recovery key was tried")
    question = _("Are copies sealed, and was the printed recovery key tried?")
    return [Answer(code="encrypted", question=question, is_met=bool(tried), detail=detail)]
