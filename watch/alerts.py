"""What is wrong, as alerts: the worst first, each with its count, some examples and where all of it is shown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractUser
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from domain.errors import render_error
from domain.findings import SEVERITY
from operations.models import Operation
from watch.checks.costs import list_cost_alerts
from watch.checks.places import list_place_alerts
from watch.checks.shapes import Alert, Example
from watch.checks.trouble_rules import Trouble
from watch.checks.troubles import TROUBLES, list_troubled
from watch.checks.work import list_work_alerts

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


@dataclass(frozen=True, slots=True)
class Source:
    """Where alerts come from, and the permission to see them."""

    permission: str
    alerts: Iterable[Alert]


def list_alerts(user: AbstractUser, *, now: datetime) -> list[Alert]:
    """Return what is wrong and `user` may see, the worst first. The number of queries and of examples is bounded,
    however many parishes there are."""
    sources = (
        Source("operations.view_operation", list_work_alerts(now=now)),
        Source("tenants.view_instance", _list_instance_alerts(user, now=now)),
        Source("clusters.view_cluster", list_place_alerts(now=now)),
        Source("finops.view_interval", list_cost_alerts(now=now)),
    )
    alerts = [alert for source in sources if user.has_perm(source.permission) for alert in source.alerts]
    alerts.sort(key=lambda alert: -SEVERITY.index(alert.level))  # stable: within a level the sources' order
    return list(_bound(alerts))


def _bound(alerts: Iterable[Alert]) -> Iterator[Alert]:
    """Give every alert, and examples until the screen is full."""
    left = SHOWN_EXAMPLES
    for alert in alerts:
        shown = alert.examples[: min(left, EXAMPLES)]
        left -= len(shown)
        yield replace(alert, examples=shown)


def _list_instance_alerts(user: AbstractUser, *, now: datetime) -> Iterator[Alert]:
    sees_backups, sees_operations = user.has_perm("backups.view_backup"), user.has_perm("operations.view_operation")
    for trouble, rule in TROUBLES.items():
        if trouble in BACKUP_TROUBLES and not sees_backups:
            continue
        rows = list_troubled(trouble, now=now)
        count = rows.count()
        if count:
            examples = list(rows[:EXAMPLES])
            yield Alert(
                level=rule.level,
                title=rule.title % {"count": count},
                count=count,
                link=f"{reverse('admin:tenants_instance_changelist')}?{urlencode({'trouble': trouble.value})}",
                examples=tuple(_make_examples(trouble, examples, with_operations=sees_operations)),
            )


def _make_examples(trouble: Trouble, rows: list[Any], *, with_operations: bool) -> Iterator[Example]:
    lasts = _find_last_failures(rows) if trouble in {Trouble.FAILED, Trouble.LAST_FAILED} else {}
    for row in rows:
        operation = lasts.get(row.pk)
        code, params = row.error_code, row.error_params
        if not code and operation is not None:
            code, params = operation.error_code, operation.error_params
        message, hint = render_error(code, params) if code else ("", "")
        if operation is not None and trouble is Trouble.LAST_FAILED:
            message = _("%(kind)s failed. %(message)s") % {
                "kind": capfirst(operation.get_kind_display()),
                "message": message,
            }
        yield Example(
            name=row.tenant.name if row.tenant.name == row.identifier else f"{row.tenant.name} – {row.identifier}",
            link=reverse("admin:tenants_instance_change", args=[row.pk]),
            text=message,
            hint=hint,
            operation=reverse("admin:operations_operation_change", args=[operation.pk])
            if operation is not None and with_operations
            else "",
        )


def _find_last_failures(rows: list[Any]) -> dict[int, Operation]:
    """Return, by instance, its last operation that failed. `rows`: the few that are shown."""
    failed = Operation.objects.filter(instance__in=[row.pk for row in rows], state="failed").order_by("pk")
    return {row.instance_id: row for row in failed.defer("data", "result", "parameters") if row.instance_id}
