"""Before a request begins: is what it would do still what was approved? Beyond a tolerance it is approved anew."""

from datetime import datetime

from django.db import transaction

from domain.parish_requests import Move
from parish_requests.actors import MANAGER
from parish_requests.asking import UNANSWERED_FOR
from parish_requests.models import RequestApproval, RestoreRequest
from parish_requests.moves import move_request
from parish_requests.preview import make_preview
from parish_requests.preview_documents import digest_preview, has_changed
from parish_requests.previews import count_approvals, needs_preview


def reconsider_changed(request: RestoreRequest, *, now: datetime) -> bool:
    """Make the preview of an approved request anew; where it differs from the approved one beyond the tolerance, send
    the request back to be approved with the new one, and return True. Takes seconds: not for a transaction. Raise
    CiviparoisseError `request_state_forbids` where somebody decided otherwise meanwhile."""
    if not needs_preview(request):
        return False
    document = make_preview(request, now=now)
    if not has_changed(request.preview, document):
        return False
    changes = {
        "preview": document,
        "previewed_at": now,
        "approvals_needed": count_approvals(request, document, now=now),
        "expires_at": now + UNANSWERED_FOR,
        "warned_at": None,
        "not_before": None,
        "decided_at": None,
    }
    told = {"preview_sha256": digest_preview(document), "preview": document}
    with transaction.atomic():
        move_request(request, Move.RECONSIDER, actor=MANAGER, now=now, changes=changes, data=told)
        RequestApproval.objects.filter(request=request).delete()
    return True
