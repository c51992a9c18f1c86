"""The moments that a parish can go back to: its good sets, what each holds, and which one fits what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from backups.holders import list_leaving
from backups.models import Backup, BackupReason, BackupScope, BackupState
from domain.parish_requests import Cause, RequestScope
from offsite.models import PROTECTING, BackupCopy
from offsite.protection import BELIEVED_FOR
from tenants.models import Instance

# What of a set each answer to "how much" needs.
SCOPE_OF = {
    RequestScope.EVERYTHING: BackupScope.FULL,
    RequestScope.DATA: BackupScope.DATABASE,
    RequestScope.FILES: BackupScope.FILES,
    RequestScope.PART: BackupScope.FILES,
}
_SCOPE_FOR = {Cause.DELETED: RequestScope.DATA, Cause.IMPORT: RequestScope.DATA}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One good set. `holds`: what of the instance is in it; `protected`: it is elsewhere too; `proven_at`: when it was
    last restored for proof and found consistent; `why_not`: why nobody can go back to it now, "" where one can."""

    backup: Backup
    holds: BackupScope
    saved_at: datetime
    protected: bool
    proven_at: datetime | None
    why_not: str = ""

    def fits(self, scope: RequestScope) -> bool:
        """Return whether the set holds what `scope` asks for."""
        return self.holds == BackupScope.FULL or self.holds == SCOPE_OF[scope]


def list_moments(instance: Instance, *, now: datetime | None = None) -> list[Moment]:
    """Return the moments of `instance`, the newest first: its good sets, and those that are only elsewhere. Safety
    copies are left out: what was about to be thrown away comes back by an undo alone."""
    there = BackupCopy.objects.filter(
        backup=OuterRef("pk"),
        state__in=PROTECTING,
        destination__enabled=True,
        checked_at__gt=(now or timezone.now()) - BELIEVED_FOR,
    )
    rows = Backup.objects.filter(instance=instance).exclude(reason=BackupReason.SAFETY)
    rows = rows.annotate(is_away=Exists(there)).select_related("instance")
    gone = Q(state=BackupState.DELETED) | Q(error_code="backup_missing")
    rows = rows.filter(Q(state=BackupState.GOOD) | (gone & Q(is_away=True))).order_by("-started_at", "-pk")
    leaving = list_leaving()
    return [_make_moment(row, leaving=leaving) for row in rows]


def propose(cause: Cause | str, moments: Sequence[Moment]) -> tuple[RequestScope, Moment | None]:
    """Return how much is most often put back after `cause`, and the newest of `moments` (the newest first) that holds
    it; None where there is none."""
    scope = _SCOPE_FOR.get(Cause(cause), RequestScope.EVERYTHING)
    return scope, next((moment for moment in moments if not moment.why_not and moment.fits(scope)), None)


def _make_moment(row: Any, *, leaving: set[str]) -> Moment:
    return Moment(
        backup=row,
        holds=BackupScope(row.scope),
        saved_at=row.started_at,
        protected=row.is_away,
        proven_at=row.proven_at,
        why_not=_("It is about to be removed.") if row.backup_id in leaving else "",
    )
