"""What a request would change, compared with what is there now: the one place that others ask for a preview.

The document is of preview_documents, its words of preview_texts.
"""

from datetime import datetime
from typing import Any

from domain.parish_requests import Wish
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


def changes_data(request: RestoreRequest) -> bool:
    """Tell whether what is asked for replaces something of the site, so that something may be lost."""
    return request.wish in REPLACING


def make_preview(request: RestoreRequest, *, now: datetime) -> dict[str, Any]:
    """Return what the request would change, as a document; {} where it changes nothing of the site. Nothing is written
    to the request. Never raises for what cannot be known: the document says so."""
    if not changes_data(request) or request.backup is None:
        return {}
    then = request.backup
    assert now is not None
    return compare_sides(scope=request.scope, moment=then.started_at, then=None, now=None, warnings=[])
