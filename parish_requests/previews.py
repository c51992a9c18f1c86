"""The preview that a request carries: made when it is asked for, named by its digest, made again before it runs."""

from datetime import datetime

from domain.errors import CiviparoisseError
from domain.parish_requests import Wish
from parish_requests.models import RestoreRequest
from parish_requests.preview import compute_approvals, digest_preview, make_preview
from parish_requests.selectors import get_rules

# What changes data that is there.
COMPARED = frozenset({Wish.RESTORE, Wish.UNDO})


def needs_preview(request: RestoreRequest) -> bool:
    """Return whether the request would replace data, so that people see first what is lost."""
    return request.wish in COMPARED


def look_ahead(request: RestoreRequest, *, now: datetime) -> RestoreRequest:
    """Work out what `request` would change, keep it on the request with how many persons must approve that, and return
    the request. One that changes nothing keeps an empty preview. Takes seconds: not for a transaction."""
    document = compare(request, now=now)
    request.preview, request.previewed_at = document, now if document else None
    request.approvals_needed = count_approvals(request, document, now=now)
    request.save(update_fields=["preview", "previewed_at", "approvals_needed"])
    return request


def compare(request: RestoreRequest, *, now: datetime) -> dict[str, object]:
    """Return the preview as of now; empty where the request changes nothing, or where it cannot be worked out."""
    if not needs_preview(request):
        return {}
    try:
        return make_preview(request, now=now)
    except CiviparoisseError:
        # A site that does not answer is what many ask for help with: people decide without figures, two of them.
        return {}


def count_approvals(request: RestoreRequest, document: dict[str, object], *, now: datetime) -> int:
    """Return how many different persons must approve the request with this preview."""
    if needs_preview(request) and not document:
        return 2
    return compute_approvals(document, get_rules(), now=now)


def get_digest(request: RestoreRequest) -> str:
    """Return what names the preview of `request` as it is kept: an approval is of that one."""
    return digest_preview(request.preview)
