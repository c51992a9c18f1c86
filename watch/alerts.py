"""What is wrong, as alerts: the worst first, each with its count, some examples and where all of it is shown."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractUser
from django.db.models import Min
from django.urls import reverse

from domain.findings import SEVERITY
from watch.acknowledgement import Acknowledged, list_acknowledged
from watch.catalogue import INSTANCES, SOURCES, show_of
from watch.causes import OF_OPERATIONS, Cause, find_causes, find_failed_operations
from watch.checks.shapes import Alert, Example
from watch.checks.trouble_rules import Trouble
from watch.checks.troubles import TROUBLES, list_troubled
from watch.models import Problem

# A screen: then counts with links.
EXAMPLES = 3
SHOWN_EXAMPLES = 8
BACKUP_TROUBLES = frozenset(
    {
        Trouble.NEVER_BACKED_UP,
        Trouble.BACKUP_LATE,
        Trouble.BACKUP_FAILED,
        Trouble.BACKUP_IN_FUTURE,
        Trouble.BACKUP_OLD,
        Trouble.BACKUP_WARNED,
    }
)


def list_alerts(user: AbstractUser, *, now: datetime) -> list[Alert]:
    """Return what is wrong and `user` may see, the worst first, without what somebody has acknowledged. The number of
    queries and of examples is bounded, however many parishes there are."""
    acknowledged = list_acknowledged(now=now)
    alerts: list[Alert] = []
    for source in SOURCES:
        if user.has_perm(source.permission):
            alerts += (
                _list_instance_alerts(user, acknowledged, now=now)
                if source is INSTANCES
                else (alert for alert in show_of(source, now=now) if not _is_acknowledged(alert, acknowledged))
            )
    alerts.sort(key=lambda alert: -SEVERITY.index(alert.level))  # stable: within a level the sources' order
    return list(_bound(_add_since(alerts)))


def _is_acknowledged(alert: Alert, acknowledged: Acknowledged) -> bool:
    return set(alert.subjects) <= acknowledged.get(alert.code, frozenset())


def _add_since(alerts: list[Alert]) -> list[Alert]:
    """Return the alerts with the time when the oldest of each was first seen: one query for all of them."""
    rows = Problem.objects.filter(open_key__isnull=False).order_by()
    by_code: dict[str, datetime] = {}
    codes = [alert.code for alert in alerts]
    for code, since in rows.filter(check_code__in=codes).values_list("check_code").annotate(Min("since")):
        by_code[code] = since
    return [replace(alert, since=by_code.get(alert.code)) for alert in alerts]


def _bound(alerts: Iterable[Alert]) -> Iterator[Alert]:
    """Give every alert, and examples until the screen is full."""
    left = SHOWN_EXAMPLES
    for alert in alerts:
        shown = alert.examples[: min(left, EXAMPLES)]
        left -= len(shown)
        yield replace(alert, examples=shown)


def _list_instance_alerts(user: AbstractUser, acknowledged: Acknowledged, *, now: datetime) -> Iterator[Alert]:
    sees_backups, sees_operations = user.has_perm("backups.view_backup"), user.has_perm("operations.view_operation")
    for trouble, rule in TROUBLES.items():
        if trouble in BACKUP_TROUBLES and not sees_backups:
            continue
        rows = list_troubled(trouble, now=now)
        if quiet := acknowledged.get(trouble.value):
            rows = rows.exclude(identifier__in=quiet)
        count = rows.count()
        if count:
            examples = list(rows[:EXAMPLES])
            yield Alert(
                code=trouble.value,
                level=rule.level,
                title=rule.title % {"count": count},
                count=count,
                link=f"{reverse('admin:tenants_instance_changelist')}?{urlencode({'trouble': trouble.value})}",
                examples=tuple(_make_examples(trouble, examples, with_operations=sees_operations)),
            )


def _make_examples(trouble: Trouble, rows: list[Any], *, with_operations: bool) -> Iterator[Example]:
    keys = [row.pk for row in rows]
    causes = find_causes(trouble, keys)
    operations = find_failed_operations(keys) if with_operations and trouble in OF_OPERATIONS else {}
    for row in rows:
        operation = operations.get(row.pk)
        cause = causes.get(row.pk) or Cause(row.error_code, row.error_params)
        message, hint = cause.render()
        yield Example(
            name=row.tenant.name if row.tenant.name == row.identifier else f"{row.tenant.name} – {row.identifier}",
            link=reverse("admin:tenants_instance_change", args=[row.pk]),
            text=message,
            hint=hint,
            operation=reverse("admin:operations_operation_change", args=[operation.pk]) if operation else "",
        )
