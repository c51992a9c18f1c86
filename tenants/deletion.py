"""When a parish or an instance may leave the list: once its purge is proven and no backup of it is left.

Every way of deleting goes through here, the administration's list included: a row that went before its data would
leave directories and backups that nobody owns, under a name that looks free.
"""

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domain.errors import CiviparoisseError
from domain.states import InstanceState

if TYPE_CHECKING:
    from tenants.models import Instance, Tenant

Row = TypeVar("Row", bound=models.Model)
# What BackupState calls a set that is gone; tenants may not import backups.
GONE = "deleted"


class GuardedQuerySet(models.QuerySet[Row]):
    """Deletes row by row, so that each row's own refusal is asked; all or nothing."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete every row, or none. Raise what the rows' `delete` raises."""
        deleted: Counter[str] = Counter()
        with transaction.atomic(using=self.db):
            for row in self.all():
                deleted.update(row.delete()[1])
        self._result_cache = None
        return deleted.total(), dict(deleted)

    # As Django's own: not offered in templates nor on managers, where it would delete everything.
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


def find_obstacle(instance: "Instance") -> tuple[str, str]:
    """Return (what keeps the row of `instance`, in the active language; the command that changes it), or two empty
    texts when nothing does."""
    name = instance.identifier
    if instance.operations.filter(lock__isnull=False).exists():
        return _("an operation on %(instance)s has not ended") % {"instance": name}, f"instance_status {name}"
    kept = instance.backups.exclude(state=GONE).count()
    if instance.state != InstanceState.DELETED or instance.purged_at is None:
        state = instance.get_state_display()
        text = _("%(instance)s is not purged (%(state)s)")
        if kept:
            text = ngettext(
                "%(instance)s is not purged (%(state)s) and has %(count)s backup",
                "%(instance)s is not purged (%(state)s) and has %(count)s backups",
                kept,
            )
        return text % {"instance": name, "state": state, "count": kept}, _make_command(name)
    if kept:
        text = ngettext("%(count)s backup of %(instance)s is kept", "%(count)s backups of %(instance)s are kept", kept)
        return text % {"instance": name, "count": kept}, _make_command(name)
    return "", ""


def refuse_instance_in_use(instance: "Instance") -> None:
    """Raise CiviparoisseError `instance_in_use` unless nothing is left of `instance`."""
    obstacle, command = find_obstacle(instance)
    if obstacle:
        raise CiviparoisseError("instance_in_use", instance=instance.identifier, obstacles=obstacle, commands=command)


def refuse_tenant_in_use(tenant: "Tenant") -> None:
    """Raise CiviparoisseError `tenant_in_use`, naming all instances in the way, unless nothing is left of any."""
    found = [find_obstacle(instance) for instance in tenant.instances.select_for_update()]
    obstacles = [text for text, _command in found if text]
    if obstacles:
        commands = [command for _text, command in found if command]
        raise CiviparoisseError(
            "tenant_in_use", tenant=tenant.slug, obstacles=", ".join(obstacles), commands=", ".join(commands)
        )


def _make_command(identifier: str) -> str:
    return f"instance_delete {identifier} --purge-backups --confirm {identifier}"
