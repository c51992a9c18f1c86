"""The requests of parishes that wait for UEPAL, for the first page: the one that ends first at the top. Bounded."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db.models import Count, F

from console.requests.columns import UNREAD, describe_asker, make_state_badge, select_waiting
from domain.parish_requests import RequestState
from operations.permissions import may
from parish_requests.models import RestoreRequest

SHOWN = 5
LOOK = "parish_requests.view_restorerequest"


def list_waiting_requests(person: AbstractUser, *, now: datetime) -> dict[str, Any]:
    """Return what the first page shows of requests; nothing for those who may not see them."""
    if not may(person, LOOK):
        return {"sees_requests": False}
    rows = select_waiting(RestoreRequest.objects.all(), now=now)
    rows = rows.select_related("tenant").defer(*(name for name in UNREAD if not name.startswith("instance")))
    rows = rows.annotate(approved_by=Count("approvals")).order_by(F("expires_at").asc(nulls_last=True), "pk")
    shown = list(rows[: SHOWN + 1])
    return {
        "sees_requests": True,
        "requests": [_describe(row) for row in shown[:SHOWN]],
        "other_requests": rows.count() - SHOWN if len(shown) > SHOWN else 0,
    }


def _describe(row: Any) -> dict[str, Any]:
    is_waiting = row.state == RequestState.SUBMITTED.value
    return {
        "request": row,
        "badge": make_state_badge(row),
        "asker": describe_asker(row),
        "ends": row.expires_at if is_waiting else None,
        "approved_by": row.approved_by if is_waiting and row.approvals_needed > 1 else None,
    }
