"""What a request would change, compared with what is there now: the one place that others ask for a preview.

The document is of preview_documents, its words of preview_texts.
"""

from datetime import datetime
from typing import Any

from backups.figures import observe_figures
from backups.models import Backup
from domain.parish_requests import OPEN_STATES, RequestScope, RequestState, Wish
from domain.states import OperationState
from operations.models import Operation
from parish_requests.models import RestoreRequest
from parish_requests.preview_documents import (
    compare_sides,
    compute_approvals,
    compute_lost_percent,
    digest_preview,
    has_changed,
)
from parish_requests.preview_texts import PreviewRow, PreviewText, describe_preview, describe_warning

__all__ = [
    "PreviewRow",
    "PreviewText",
    "changes_data",
    "compute_approvals",
    "compute_lost_percent",
    "describe_preview",
    "describe_warning",
    "digest_preview",
    "has_changed",
    "make_preview",
]
# What replaces something of the site; all else leaves it as it is.
REPLACING = frozenset({Wish.RESTORE, Wish.UNDO})
UPGRADE = "upgrade"


def changes_data(request: RestoreRequest) -> bool:
    """Tell whether what is asked for replaces something of the site, so that something may be lost."""
    return request.wish in REPLACING


def make_preview(request: RestoreRequest, *, now: datetime) -> dict[str, Any]:
    """Return what the request would change, as a document; {} where it changes nothing of the site.

    Looks at the instance, which takes seconds: call it outside of any transaction. Writes nothing to the request. Never
    raises for what cannot be known: the document says so."""
    backup = request.backup
    if not changes_data(request) or backup is None:
        return {}
    then = dict(backup.figures) or None
    is_compared = request.scope != RequestScope.PART
    today = observe_figures(request.instance, since=then, now=now) if is_compared else None
    warnings = [*_list_unknown(then, today, is_compared=is_compared), *_list_warnings(request, backup)]
    moment = backup.started_at
    return compare_sides(scope=request.scope, moment=moment, then=then, now=today, warnings=warnings)


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
    if backup.proven_at is None:
        found.append({"code": "not_proven", "params": {}})
    states = [state.value for state in OPEN_STATES if state is not RequestState.DRAFT]
    others = RestoreRequest.objects.filter(instance=request.instance, wish__in=REPLACING, state__in=states)
    if count := others.exclude(pk=request.pk).count():
        found.append({"code": "others_asked", "params": {"count": count}})
    return found


def find_upgrade_since(backup: Backup) -> Operation | None:
    """Return the first upgrade that succeeded after the set was made: its data is of the release before that one. None
    where the data is of the present release."""
    upgrades = Operation.objects.filter(kind=UPGRADE, instance_id=backup.instance_id, state=OperationState.SUCCEEDED)
    return upgrades.filter(ended_at__gt=backup.started_at).order_by("ended_at").first()
