"""Who may do what: the one answer that the administration, the REST API and every page ask for.

Permissions are Django's own, given to people by the shipped roles (operations.roles) and in the administration. The
declaration of a kind of operation says which it needs. Commands are for whoever has the machine's account, and ask
nobody, unless they ask as an account.
"""

from typing import Protocol

from django.core.exceptions import PermissionDenied

from domain.errors import CiviparoisseError
from operations.registry import get_kind

SEE_OPERATIONS = "operations.view_operation"
CANCEL = "operations.change_operation"
SEE_COSTS = "finops.view_interval"
REMOVE_UNOWNED = (SEE_COSTS, "operations.add_operation", "tenants.delete_instance")
CLOSE_MONTH = (SEE_COSTS, "finops.add_closedmonth")
# What every kind of operation takes, and what those that destroy something take beyond it.
ASK = ("tenants.view_instance", "operations.add_operation")
RESTORE_BACKUP = "backups.restore_backup"
DELETE_BACKUP = "backups.delete_backup"
DELETE_INSTANCE = "tenants.delete_instance"
ADD_INSTANCE = "tenants.add_instance"
OPEN_TOOLS = "clusters.open_tools"


class Person(Protocol):
    """Whoever asks: an account, or nobody in particular."""

    @property
    def is_active(self) -> bool:
        """Whether the account is in use."""

    def has_perm(self, perm: str) -> bool:
        """Return whether the person has the permission "app.codename"."""


class PermissionMissing(CiviparoisseError, PermissionDenied):
    """The person lacks a permission. Params: permission. The administration answers 403 to it as the API does."""

    default_code = "permission_missing"


def list_kind_permissions(kind: str) -> tuple[str, ...]:
    """Return every permission that asking for an operation of `kind` takes."""
    return get_kind(kind).permissions


def has_permission(person: Person, permission: str) -> bool:
    """Return whether the person has "app.codename". Whoever may change rows may also look at them, as in Django."""
    if person.has_perm(permission):
        return True
    app, _separator, codename = permission.partition(".")
    return codename.startswith("view_") and person.has_perm(f"{app}.change_{codename.removeprefix('view_')}")


def may(person: Person, *permissions: str) -> bool:
    """Return whether the person has all `permissions`."""
    return all(has_permission(person, permission) for permission in permissions)


def may_ask(person: Person, kind: str) -> bool:
    """Return whether the person may ask for an operation of `kind`."""
    return may(person, *list_kind_permissions(kind))


def require(person: Person, *permissions: str) -> None:
    """Raise PermissionMissing for the first of `permissions` that the person lacks."""
    for permission in permissions:
        if not has_permission(person, permission):
            raise PermissionMissing(permission=permission)


def require_kind(person: Person, kind: str) -> None:
    """Raise PermissionMissing unless the person may ask for an operation of `kind`."""
    require(person, *list_kind_permissions(kind))
