"""Enters a request for a parish that reached UEPAL by another way: begun and sent in one go, or not at all."""

from datetime import datetime
from typing import Any

from django.db import transaction

from backups.selectors import get_backup
from domain.errors import CiviparoisseError
from operations.selectors import get_instance
from parish_requests.actors import Actor
from parish_requests.asking import begin_request, refuse_double, submit_request, withdraw_request
from parish_requests.contacts import get_contact
from parish_requests.models import RestoreRequest
from parish_requests.preview import make_preview
from parish_requests.previews import count_approvals


def enter_request(*, actor: Actor, now: datetime, **asked: Any) -> RestoreRequest:
    """Enter what a parish asked for, send it, and return the request. `asked`: as begin_request takes it, with names in
    the place of rows: `instance` (an identifier), `backup` (of a set), `contact` (the address of one; "" for somebody
    else). Raise NotFound, InvalidValue or CiviparoisseError as begin_request and submit_request; then nothing is left
    that waits for anybody."""
    return send_entered(_begin(actor=actor, now=now, **asked), actor=actor, now=now)


def describe_entry(*, actor: Actor, now: datetime, **asked: Any) -> RestoreRequest:
    """Return the request that enter_request would write, with what it would change; nothing is written. Takes seconds.
    Raise as enter_request."""
    with transaction.atomic():
        request = _begin(actor=actor, now=now, **asked)
        refuse_double(request)
        transaction.set_rollback(True)
    request.preview = make_preview(request, now=now)
    request.approvals_needed = count_approvals(request, request.preview, now=now)
    return request


def send_entered(draft: RestoreRequest, *, actor: Actor, now: datetime) -> RestoreRequest:
    """Send a draft to UEPAL and return it; where that is refused it is withdrawn, so that nothing half asked stays."""
    try:
        return submit_request(draft, actor=actor, now=now)
    except CiviparoisseError:
        withdraw_request(draft, actor=actor, now=now)
        raise


def _begin(
    *, instance: str, actor: Actor, now: datetime, backup: str = "", contact: str = "", **asked: Any
) -> RestoreRequest:
    site = get_instance(instance)
    return begin_request(
        instance=site,
        backup=get_backup(backup) if backup else None,
        contact=get_contact(site.tenant, contact) if contact else None,
        actor=actor,
        entered_by=actor.name,
        now=now,
        **asked,
    )
