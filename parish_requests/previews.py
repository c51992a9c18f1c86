"""The preview that a request carries: made when it is asked for, named by its digest, made again before it runs."""

from datetime import datetime
from typing import Any

from domain.states import InstanceState
from parish_requests.models import RestoreRequest
from parish_requests.preview import changes_data, make_preview
from parish_requests.preview_documents import compute_approvals, digest_preview
from parish_requests.selectors import get_rules


def needs_preview(request: RestoreRequest) -> bool:
    """Return whether the request would replace data, so that people see first what is lost."""
    return changes_data(request)


def look_ahead(request: RestoreRequest, *, now: datetime) -> RestoreRequest:
    """Work out what `request` would change, keep it on the request with how many persons must approve that, and return
    the request. One that changes nothing keeps an empty preview. Takes seconds: not for a transaction."""
    document = make_preview(request, now=now)
    request.preview, request.previewed_at = document, now if document else None
    request.approvals_needed = count_approvals(request, document, now=now)
    request.save(update_fields=["preview", "previewed_at", "approvals_needed"])
    return request


def count_approvals(request: RestoreRequest, document: dict[str, Any], *, now: datetime) -> int:
    """Return how many different persons must approve the request with this preview."""
    # Of an instance that failed nobody knows whether a safety copy can be taken.
    is_safety_possible = request.instance.state != InstanceState.FAILED
    return compute_approvals(document, get_rules(), now=now, is_safety_possible=is_safety_possible)


def get_digest(request: RestoreRequest) -> str:
    """Return what names the preview of `request` as it is kept: an approval is of that one."""
    return digest_preview(request.preview)
