"""Who may use an address of the API: the same permissions as in the administration, named by each resource.

A resource says in `permissions_required` what each of its actions needs; an action that it does not name is open to
nobody (an error, told as a failure of ours), so that a new one cannot be forgotten.
"""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from api.models import ApiToken, TokenScope
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
        CiviparoisseError `token_read_only`."""
        if not super().has_permission(request, view):
            return False
        if view.action not in (None, "metadata"):  # a method that the address has not: told as such
            require(request.user, *view.permissions_required[view.action])
            _refuse_reader(request)
        return True


def _refuse_reader(request: Request) -> None:
    token = request.auth
    if request.method not in SAFE_METHODS and isinstance(token, ApiToken) and token.scope != TokenScope.WRITE:
        raise CiviparoisseError("token_read_only", token=token.public_id)
