"""Copies that are made for requests: the parish's instance of kind sandbox, without mail and cron, for seven days.

There is one such instance per parish: what people of UEPAL made, or another request still uses, is never taken.
"""

import logging
from datetime import datetime, timedelta

from domain.errors import CiviparoisseError
from domain.names import find_host_template
from domain.parish_requests import RequestState
from domain.specs import InstanceKind
from domain.states import BackupState, InstanceState, OperationKind
from operations.models import Operation
from operations.requests import request_operation
from parish_requests.models import RestoreRequest
from parish_requests.plans import find_copy_name
from tenants.models import Instance, Tenant
from tenants.registry import create_instance

log = logging.getLogger("parish_requests")

KEPT_FOR = timedelta(days=7)
# A deletion that failed is asked for again after this.
DELETED_AGAIN_AFTER = timedelta(hours=1)
REMOVABLE = frozenset({InstanceState.NEW, InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED})


def find_taken(request: RestoreRequest) -> Instance | None:
    """Return the instance that is in the way of a copy for `request`, None where one can be made."""
    row = Instance.objects.filter(identifier=find_copy_name(request)).first()
    return row if row is not None and not _is_free(row) else None


def take_copy(request: RestoreRequest) -> Instance:
    """Return the row of the copy for `request`, made or taken again: plan, release and engine of the parish's site, no
    mail, no cron. Called inside the caller's transaction. Raise CiviparoisseError `request_sandbox_taken`."""
    Tenant.objects.select_for_update().get(pk=request.tenant_id)
    source = Instance.objects.select_related("tenant", "plan", "release").get(pk=request.instance_id)
    row = Instance.objects.filter(identifier=find_copy_name(request)).first()
    if row is None:
        return create_instance(
            source.tenant,
            kind=InstanceKind.SANDBOX,
            plan=source.plan,
            release=source.release,
            engine=source.engine,
            host_template=find_host_template(source.host, source.identifier),
        )
    if not _is_free(row):
        raise CiviparoisseError("request_sandbox_taken", instance=row.identifier)
    # What it was made for before is over.
    RestoreRequest.objects.filter(sandbox=row).update(sandbox=None)
    row.plan, row.release, row.engine = source.plan, source.release, source.engine
    row.mail_enabled = row.cron_enabled = False
    row.save(update_fields=["plan", "release", "engine", "mail_enabled", "cron_enabled"])
    return row


def end_copies(*, now: datetime) -> int:
    """Ask for the deletion of copies whose time is over, and return how many were asked for. No final backup: what was
    entered into a copy is not the parish's data."""
    asked = 0
    rows = RestoreRequest.objects.filter(sandbox__isnull=False, sandbox_until__lte=now)
    for request in rows.exclude(state=RequestState.RUNNING.value).select_related("sandbox"):
        copy = request.sandbox
        if copy is None or copy.state == InstanceState.DELETED:
            RestoreRequest.objects.filter(pk=request.pk).update(sandbox=None)
        elif copy.state in REMOVABLE and not _was_asked_lately(copy, now=now):
            asked += _delete(request, copy)
    return asked


def _delete(request: RestoreRequest, copy: Instance) -> int:
    parameters = {"final_backup": False, "purge_backups": True, "confirm": copy.identifier}
    by = f"request {request.reference}"
    try:
        request_operation(kind=OperationKind.DELETE, instance=copy, requested_by=by, parameters=parameters)
    except CiviparoisseError as error:
        log.warning("copy %s of request %s is not deleted: %s", copy.identifier, request.reference, error.code)
        return 0
    return 1


def _was_asked_lately(copy: Instance, *, now: datetime) -> bool:
    rows = Operation.objects.filter(instance=copy, kind=OperationKind.DELETE)
    return rows.filter(created_at__gt=now - DELETED_AGAIN_AFTER).exists()


def _is_free(row: Instance) -> bool:
    """Return whether nothing and nobody is at that place."""
    is_used = RestoreRequest.objects.filter(sandbox=row, state=RequestState.RUNNING.value).exists()
    kept = row.backups.exclude(state=BackupState.DELETED.value).exists()
    return row.state == InstanceState.DELETED and not is_used and not kept
