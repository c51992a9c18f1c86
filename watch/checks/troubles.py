"""What can be wrong with instances, as narrowed queries: the first page counts them, the list filters by them."""

from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy, ngettext_lazy

from backups.ages import make_last_good, select_older
from backups.freshness import CLOCK_SKEW_HOURS
from backups.last_failure import select_failures
from backups.models import Backup, BackupReason, BackupScope, BackupState
from backups.proof_ages import select_failed, select_overdue
from domain.findings import Level
from domain.room import CRITICAL_PERCENT, WARNING_PERCENT
from domain.specs import InstanceKind
from domain.states import InstanceState, OperationKind, OperationState
from manifests.tls import RENEW_DAYS
from offsite.protection import select_damaged, select_unprotected
from operations.models import Operation
from operations.upkeep import REQUESTER, RESTARTS_PER_HOUR
from tenants.models import Instance
from watch.checks.trouble_rules import Rows, Trouble, TroubleRule

# A renewal is asked within the hour; after this it did not come.
RENEWAL_DAYS = 1
# Runs of the cron are due every few minutes.
CRON_SILENCE_HOURS = 2
# There is nothing to back up yet, or any more.
WITHOUT_DATA = frozenset({InstanceState.NEW.value, InstanceState.PROVISIONING.value, InstanceState.DELETED.value})
RESTING = (InstanceState.ACTIVE.value, InstanceState.SUSPENDED.value, InstanceState.FAILED.value)


def list_watched() -> Rows:
    """Return the instances that are not deleted, without secrets, with their last good backup (`good_at`)."""
    rows = Instance.objects.exclude(state=InstanceState.DELETED.value).select_related("tenant")
    rows = rows.defer("secrets", "tenant__smtp_password", "tenant__imap_password")
    watched: Rows = rows.annotate(good_at=make_last_good("pk"))
    return watched


def list_troubled(trouble: Trouble, *, now: datetime) -> Rows:
    """Return the instances with this trouble, those with the oldest good backup first."""
    rows = TROUBLES[trouble].select(list_watched(), now)
    ordered: Rows = rows.order_by(F("good_at").asc(nulls_first=True), "identifier")
    return ordered


def _select_stuck(rows: Rows, _now: datetime) -> Rows:
    held = Operation.objects.filter(lock=OuterRef("identifier"))
    return rows.exclude(state__in=(*RESTING, InstanceState.NEW.value)).filter(~Exists(held))


def _select_falling(rows: Rows, now: datetime) -> Rows:
    restarts = Q(operations__kind=OperationKind.RESUME, operations__requested_by=REQUESTER)
    recent = restarts & Q(operations__created_at__gt=now - timedelta(hours=1))
    counted: Rows = rows.annotate(restarts=Count("operations", filter=recent))
    return counted.filter(restarts__gte=RESTARTS_PER_HOUR)


def _select_last_failed(rows: Rows, _now: datetime) -> Rows:
    ended = Operation.objects.filter(instance=OuterRef("pk"), ended_at__isnull=False).order_by("-pk")
    rows = rows.exclude(state=InstanceState.FAILED.value).annotate(last_state=Subquery(ended.values("state")[:1]))
    return rows.filter(last_state=OperationState.FAILED.value)


def _select_parishes(rows: Rows) -> Rows:
    return rows.filter(kind=InstanceKind.PRODUCTION.value).exclude(state__in=WITHOUT_DATA)


def _select_never_backed_up(rows: Rows, _now: datetime) -> Rows:
    return _select_parishes(rows).filter(good_at__isnull=True)


def _select_late(rows: Rows, now: datetime) -> Rows:
    return select_older(_select_parishes(rows), now=now, is_critical=True)


def _select_old(rows: Rows, now: datetime) -> Rows:
    return select_older(_select_parishes(rows), now=now, is_critical=False)


def _select_in_future(rows: Rows, now: datetime) -> Rows:
    return _select_parishes(rows).filter(good_at__gt=now + timedelta(hours=CLOCK_SKEW_HOURS))


def _select_backup_failed(rows: Rows, now: datetime) -> Rows:
    """Those of which the last operation failed are told already."""
    later = select_failures().filter(instance=OuterRef("pk"), started_at__gt=OuterRef("good_at"))
    told = _select_last_failed(Instance.objects.all(), now).values("pk")
    return _select_parishes(rows).filter(Exists(later)).exclude(pk__in=told)


def _select_warned(rows: Rows, _now: datetime) -> Rows:
    whole = Backup.objects.filter(instance=OuterRef("pk"), state=BackupState.GOOD, scope=BackupScope.FULL)
    last = whole.exclude(reason=BackupReason.SAFETY).order_by("-started_at")
    rows = _select_parishes(rows).annotate(last_good=Subquery(last.values("pk")[:1]))
    return rows.filter(last_good__in=Backup.objects.exclude(warnings=[]).values("pk"))


def _select_cron_failed(rows: Rows, _now: datetime) -> Rows:
    return rows.filter(state=InstanceState.ACTIVE.value, cron_enabled=True, cron_last_ok=False)


def _select_cron_silent(rows: Rows, now: datetime) -> Rows:
    limit = now - timedelta(hours=CRON_SILENCE_HOURS)
    return rows.filter(state=InstanceState.ACTIVE.value, cron_enabled=True, cron_next_run_at__lt=limit)


def _select_filling(rows: Rows, _now: datetime) -> Rows:
    return rows.filter(room__most_percent__gte=WARNING_PERCENT, room__most_percent__lt=CRITICAL_PERCENT)


def _select_certificates(rows: Rows, now: datetime) -> Rows:
    return rows.filter(certificate_expiry__expires_at__lt=now + timedelta(days=RENEW_DAYS - RENEWAL_DAYS))


# The worst first; the first page keeps this order within a level.
TROUBLES: dict[Trouble, TroubleRule] = {
    Trouble.FAILED: TroubleRule(
        level=Level.CRITICAL,
        title=ngettext_lazy("%(count)s instance has failed", "%(count)s instances have failed", "count"),
        label=gettext_lazy("Failed"),
        select=lambda rows, _now: rows.filter(state=InstanceState.FAILED.value),
    ),
    Trouble.STUCK: TroubleRule(
        level=Level.CRITICAL,
        title=ngettext_lazy(
            "%(count)s instance is between two states and no operation works on it",
            "%(count)s instances are between two states and no operation works on them",
            "count",
        ),
        label=gettext_lazy("Between two states, without an operation"),
        select=_select_stuck,
    ),
    Trouble.FALLING: TroubleRule(
        level=Level.CRITICAL,
        title=ngettext_lazy(
            "%(count)s instance keeps falling: it is not restarted any more this hour",
            "%(count)s instances keep falling: they are not restarted any more this hour",
            "count",
        ),
        label=gettext_lazy("Keeps falling"),
        select=_select_falling,
    ),
    Trouble.LAST_FAILED: TroubleRule(
        level=Level.CRITICAL,
        title=ngettext_lazy(
            "The last operation of %(count)s instance failed",
            "The last operation of %(count)s instances failed",
            "count",
        ),
        label=gettext_lazy("Last operation failed"),
        select=_select_last_failed,
    ),
    Trouble.NEVER_BACKED_UP: TroubleRule(
        level=Level.CRITICAL,
        title=ngettext_lazy("%(count)s parish was never backed up", "%(count)s parishes were never backed up", "count"),
        label=gettext_lazy("Never backed up"),
        select=_select_never_backed_up,
    ),
    Trouble.BACKUP_LATE: TroubleRule(
        level=Level.CRITICAL,
        title=ngettext_lazy(
            "%(count)s parish has no recent good backup", "%(count)s parishes have no recent good backup", "count"
        ),
        label=gettext_lazy("No recent good backup"),
        select=_select_late,
    ),
    Trouble.BACKUP_FAILED: TroubleRule(
        level=Level.CRITICAL,
        title=ngettext_lazy(
            "The last backup of %(count)s parish failed", "The last backup of %(count)s parishes failed", "count"
        ),
        label=gettext_lazy("Last backup failed"),
        select=_select_backup_failed,
    ),
    Trouble.PROOF_FAILED: TroubleRule(
        level=Level.CRITICAL,
        title=ngettext_lazy(
            "A backup of %(count)s parish could not be proven by restoring it",
            "Backups of %(count)s parishes could not be proven by restoring them",
            "count",
        ),
        label=gettext_lazy("Last proof failed"),
        select=lambda rows, _now: select_failed(_select_parishes(rows)),
    ),
    Trouble.PROOF_OVERDUE: TroubleRule(
        level=Level.WARNING,
        title=ngettext_lazy(
            "No backup of %(count)s parish was proven for a month",
            "No backup of %(count)s parishes was proven for a month",
            "count",
        ),
        label=gettext_lazy("Proof overdue"),
        select=lambda rows, now: select_overdue(_select_parishes(rows), now=now),
    ),
    Trouble.COPY_DAMAGED: TroubleRule(
        level=Level.CRITICAL,
        title=ngettext_lazy(
            "A copy elsewhere of a backup of %(count)s parish is missing or was changed",
            "Copies elsewhere of backups of %(count)s parishes are missing or were changed",
            "count",
        ),
        label=gettext_lazy("Copy elsewhere damaged"),
        select=lambda rows, _now: select_damaged(_select_parishes(rows)),
    ),
    Trouble.UNPROTECTED: TroubleRule(
        level=Level.WARNING,
        title=ngettext_lazy(
            "The last backup of %(count)s parish is not elsewhere yet",
            "The last backups of %(count)s parishes are not elsewhere yet",
            "count",
        ),
        label=gettext_lazy("No copy elsewhere"),
        select=lambda rows, now: select_unprotected(_select_parishes(rows), now=now),
    ),
    Trouble.CERTIFICATE_ENDS: TroubleRule(
        level=Level.CRITICAL,
        title=ngettext_lazy(
            "The certificates of %(count)s instance end and were not renewed",
            "The certificates of %(count)s instances end and were not renewed",
            "count",
        ),
        label=gettext_lazy("Certificates not renewed"),
        select=_select_certificates,
    ),
    Trouble.TAKES_NO_ROWS: TroubleRule(
        level=Level.CRITICAL,
        title=ngettext_lazy(
            "The database of %(count)s instance takes no new row",
            "The databases of %(count)s instances take no new row",
            "count",
        ),
        label=gettext_lazy("Database takes no row"),
        select=lambda rows, _now: rows.filter(room__write_error__gt=""),
    ),
    Trouble.VOLUME_FULL: TroubleRule(
        level=Level.CRITICAL,
        title=ngettext_lazy(
            "A volume of %(count)s instance is full", "Volumes of %(count)s instances are full", "count"
        ),
        label=gettext_lazy("Volume full"),
        select=lambda rows, _now: rows.filter(room__most_percent__gte=CRITICAL_PERCENT),
    ),
    Trouble.VOLUME_FILLING: TroubleRule(
        level=Level.WARNING,
        title=ngettext_lazy(
            "A volume of %(count)s instance is filling up", "Volumes of %(count)s instances are filling up", "count"
        ),
        label=gettext_lazy("Volume filling up"),
        select=_select_filling,
    ),
    Trouble.BACKUP_IN_FUTURE: TroubleRule(
        level=Level.WARNING,
        title=ngettext_lazy(
            "The last good backup of %(count)s parish is dated in the future: look at the clocks",
            "The last good backups of %(count)s parishes are dated in the future: look at the clocks",
            "count",
        ),
        label=gettext_lazy("Backup dated in the future"),
        select=_select_in_future,
    ),
    Trouble.BACKUP_OLD: TroubleRule(
        level=Level.WARNING,
        title=ngettext_lazy(
            "The last good backup of %(count)s parish is late",
            "The last good backups of %(count)s parishes are late",
            "count",
        ),
        label=gettext_lazy("Backup late"),
        select=_select_old,
    ),
    Trouble.BACKUP_WARNED: TroubleRule(
        level=Level.WARNING,
        title=ngettext_lazy(
            "The last good backup of %(count)s parish has remarks",
            "The last good backups of %(count)s parishes have remarks",
            "count",
        ),
        label=gettext_lazy("Last backup with remarks"),
        select=_select_warned,
    ),
    Trouble.CRON_FAILED: TroubleRule(
        level=Level.WARNING,
        title=ngettext_lazy(
            "The last cron run of %(count)s instance failed", "The last cron run of %(count)s instances failed", "count"
        ),
        label=gettext_lazy("Last cron run failed"),
        select=_select_cron_failed,
    ),
    Trouble.CRON_SILENT: TroubleRule(
        level=Level.WARNING,
        title=ngettext_lazy(
            "The cron of %(count)s instance is overdue", "The crons of %(count)s instances are overdue", "count"
        ),
        label=gettext_lazy("Cron overdue"),
        select=_select_cron_silent,
    ),
}
