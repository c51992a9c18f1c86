"""What a request would change, compared with what is there now. The document is of preview_documents, its words of
preview_texts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backups.figures import observe_figures
from backups.models import Backup
from domain.parish_requests import OPEN_STATES, RESTORES, RequestScope, RequestState, Wish
from domain.states import OperationKind, OperationState
from operations.models import Operation
from parish_requests.lineage import find_shared_keys, list_restores
from parish_requests.models import RestoreRequest
from parish_requests.preview_documents import compare_sides


def changes_data(request: RestoreRequest) -> bool:
    """Tell whether what is asked for replaces something of the site, so that something may be lost."""
    return request.wish in RESTORES


def make_preview(request: RestoreRequest, *, now: datetime) -> dict[str, Any]:
    """Return what the request would change, as a document; {} where it changes nothing of the site.

    Looks at the instance, which takes seconds: call it outside of any transaction. Writes nothing to the request. Never
    raises for what cannot be known: the document says so."""
    backup = request.backup
    if not changes_data(request) or backup is None:
        return {}
    then = dict(backup.figures) or None
    is_compared = request.scope != RequestScope.PART
    shared = find_shared_keys(backup) if is_compared and then else {}
    today = observe_figures(request.instance, since=make_since(then, shared), now=now) if is_compared else None
    return compare_sides(
        scope=request.scope,
        moment=backup.started_at,
        then=then,
        now=today,
        warnings=[*_list_unknown(then, today, is_compared=is_compared), *_list_warnings(request, backup)],
        untraced=[code for code, one in (then or {}).get("counts", {}).items() if "last" in one and code not in shared],
    )


def make_since(then: Mapping[str, Any] | None, shared: Mapping[str, int]) -> dict[str, Any] | None:
    """Return what the look is told of the set: its moment, and up to which keys it shares the rows of now."""
    return None if then is None else {"at": then["at"], "counts": {code: {"last": key} for code, key in shared.items()}}


def _list_unknown(
    then: dict[str, Any] | None, today: dict[str, Any] | None, *, is_compared: bool
) -> list[dict[str, Any]]:
    codes = []
    if is_compared and then is None:
        codes.append("set_not_known")
    if is_compared and today is None:
        codes.append("now_not_known")
    return [{"code": code, "params": {}} for code in codes]


def _list_warnings(request: RestoreRequest, backup: Backup) -> list[dict[str, Any]]:
    """Return what is to be known of the set and of other requests."""
    found: list[dict[str, Any]] = []
    if (upgrade := find_upgrade_since(backup)) is not None:
        before = upgrade.data.get("release_before") or ""
        params = {"then": before, "now": request.instance.release.name}
        found.append({"code": "older_release", "params": params})
    restores = [one.ended_at for one in list_restores(backup) if one.ended_at and one.ended_at > backup.started_at]
    if restores and request.wish != Wish.UNDO:
        found.append({"code": "restored_since", "params": {"at": max(restores).isoformat()}})
    if backup.proven_at is None:
        found.append({"code": "not_proven", "params": {}})
    states = [state.value for state in OPEN_STATES if state is not RequestState.DRAFT]
    others = RestoreRequest.objects.filter(instance=request.instance, wish__in=RESTORES, state__in=states)
    if count := others.exclude(pk=request.pk).count():
        found.append({"code": "others_asked", "params": {"count": count}})
    return found


def find_upgrade_since(backup: Backup) -> Operation | None:
    """Return the first upgrade that succeeded after the set was made: its data is of the release before that one. None
    where the data is of the present release."""
    upgrades = Operation.objects.filter(
        kind=OperationKind.UPGRADE, instance_id=backup.instance_id, state=OperationState.SUCCEEDED
    )
    return upgrades.filter(ended_at__gt=backup.started_at).order_by("ended_at").first()
