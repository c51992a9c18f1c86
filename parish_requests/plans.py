"""What the manager will ask for to do a request: the ordinary operations, with their parameters. Pure but for rows."""

from dataclasses import dataclass, field
from typing import Any

from domain.names import compute_identifier
from domain.parish_requests import RESTORES, RequestScope, Wish
from domain.specs import InstanceKind
from domain.states import OperationKind
from operations.permissions import list_kind_permissions
from parish_requests.models import RestoreRequest
from parish_requests.moments import SCOPE_OF
from parish_requests.sets import split_part

# Done by people of UEPAL: the manager begins nothing.
BY_HAND = frozenset({Wish.HELP})
# A copy is made beside the parish's site.
COPIES = frozenset({Wish.SHOW_FIRST, Wish.PRACTICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One operation of a request. `instance`: the identifier of the instance that it is of."""

    kind: str
    instance: str
    parameters: dict[str, Any] = field(default_factory=dict)


def list_stages(request: RestoreRequest) -> list[Stage]:
    """Return the operations of `request` in their order; none for what people do, and for what is fetched."""
    own = request.instance.identifier
    if request.wish == Wish.BACKUP:
        return [Stage(kind=OperationKind.BACKUP, instance=own)]
    if request.wish in RESTORES:
        return [Stage(kind=OperationKind.RESTORE, instance=own, parameters=_make_restore(request))]
    if request.wish in COPIES:
        copy = find_copy_name(request)
        into = {"backup_id": _get_set(request), "source": own, "safety_backup": False, "confirm": copy}
        return [
            Stage(kind=OperationKind.PROVISION, instance=copy),
            Stage(kind=OperationKind.RESTORE, instance=copy, parameters=into),
        ]
    return []


def list_permissions(request: RestoreRequest) -> list[str]:
    """Return every permission that the operations of `request` take, each once."""
    return list(dict.fromkeys(name for stage in list_stages(request) for name in list_kind_permissions(stage.kind)))


def find_copy_name(request: RestoreRequest) -> str:
    """Return the identifier of the copy that a request of COPIES is done in."""
    return compute_identifier(request.tenant.slug, InstanceKind.SANDBOX)


def _make_restore(request: RestoreRequest) -> dict[str, Any]:
    """Return the parameters of a restore. From this door the safety copy cannot be waived."""
    scope = RequestScope(request.scope)
    into = {"backup_id": _get_set(request), "scope": SCOPE_OF[scope].value, "safety_backup": True}
    if scope is RequestScope.PART:
        into["tree"], into["path"] = split_part(request.part)
    return into | {"confirm": request.instance.identifier}


def _get_set(request: RestoreRequest) -> str:
    return request.backup.backup_id if request.backup is not None else ""
