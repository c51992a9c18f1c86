"""Who may use an address of the API: the same permissions as in the administration, named by each resource.

A resource says in `permissions_required` what each of its actions needs; an action that it does not name is open to
nobody (an error, told as a failure of ours), so that a new one cannot be forgotten.
"""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.models import READING, ROLE_OF_SCOPE, ApiToken, is_looking
from api.parishes import refuse_unlimited
from domain.errors import CiviparoisseError
from operations.permissions import require

Permissions = tuple[str, ...]


class StaffOnly(BasePermission):
    """For addresses that tell nothing of parishes: any staff account in use."""

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002 - DRF's signature
        """Return whether the account may use the API at all."""
        return bool(request.user and request.user.is_active and request.user.is_staff)


class ActionPermissions(StaffOnly):
    """Staff accounts that have what the action needs, by a token that may be used for it."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether the account may use the API at all. Raise PermissionMissing for what it lacks, and
        CiviparoisseError `token_read_only`, `token_scope_missing` or `token_parishes_limited`."""
        if not super().has_permission(request, view):
            return False
        if view.action not in (None, "metadata"):  # a method that the address has not: told as such
            needed = view.permissions_required[view.action]
            require(request.user, *needed)
            refuse_beyond(request.auth, needed)
            if isinstance(request.auth, ApiToken):
                refuse_unlimited(request.auth, view, request.method or "")
        return True


def refuse_beyond(token: object, needed: Permissions) -> None:
    """Raise CiviparoisseError for the first of the permissions that no scope of the token has; a person before the
    administration has none."""
    if not isinstance(token, ApiToken):
        return
    for permission in needed:
        if token.allows(permission):
            continue
        if set(token.scopes) <= READING and not is_looking(permission):
            raise CiviparoisseError("token_read_only", token=token.public_id)
        enough = [scope.value for scope, role in ROLE_OF_SCOPE.items() if role.allows(permission)]
        raise CiviparoisseError(
            "token_scope_missing", token=token.public_id, permission=permission, scopes=", ".join(enough)
        )
