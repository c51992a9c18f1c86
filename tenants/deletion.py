"""When a parish or an instance may leave the list: once its purge is proven and no backup of it is left.

Every way of deleting goes through here, the administration's list included: a row that went before its data would
leave directories and backups that nobody owns, under a name that looks free.
"""

from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domain.errors import CiviparoisseError
from domain.states import BackupState, InstanceState

GONE = BackupState.DELETED.value


class PurgeableInstance(Protocol):
    """What is asked of an instance's row (tenants.models.Instance, which asks this module)."""

    identifier: str
    state: str
    purged_at: datetime | None

    @property
    def operations(self) -> Any:
        """Its operations, as a manager."""

    @property
    def backups(self) -> Any:
        """Its backups, as a manager."""

    def get_state_display(self) -> str:
        """Return the state in words."""


class DeletableTenant(Protocol):
    """What is asked of a parish's row (tenants.models.Tenant)."""

    slug: str

    @property
    def instances(self) -> Any:
        """Its instances, as a manager."""


def find_obstacle(instance: PurgeableInstance) -> tuple[str, str]:
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


def refuse_instance_in_use(instance: PurgeableInstance) -> None:
    """Raise CiviparoisseError `instance_in_use` unless nothing is left of `instance`."""
    obstacle, command = find_obstacle(instance)
    if obstacle:
        raise CiviparoisseError("instance_in_use", instance=instance.identifier, obstacles=obstacle, commands=command)


def refuse_tenant_in_use(tenant: DeletableTenant) -> None:
    """Raise CiviparoisseError `tenant_in_use`, naming all instances in the way, unless nothing is left of any."""
    answers = [find_obstacle(instance) for instance in tenant.instances.select_for_update()]
    obstacles = [text for text, _command in answers if text]
    if obstacles:
        commands = [command for _text, command in answers if command]
        raise CiviparoisseError(
            "tenant_in_use", tenant=tenant.slug, obstacles=", ".join(obstacles), commands=", ".join(commands)
        )


def _make_command(identifier: str) -> str:
    return f"instance_delete {identifier} --purge-backups --confirm {identifier}"
