"""Copies that their policy lets go are removed by ordinary operations, asked for by the manager itself."""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from backups.policies import find_policies
from domain.errors import CiviparoisseError
from domain.states import OperationState
from offsite.kinds.prune_copies import PRUNE_COPIES, STATES
from offsite.models import BackupCopy
from offsite.removal import REMOVABLE
from offsite.retention import decide_copies, list_suspects, select_let_go
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance

log = logging.getLogger("offsite")

REQUESTER = "manager"
# After one of its own that failed: the destination gets time to come back.
PAUSE = timedelta(hours=6)


def request_copy_prunings(*, now: datetime) -> list[str]:
    """Ask for the removal of the copies that policies let go; return the identifiers of the instances concerned. One
    instance's fault stops no other's."""
    if not settings.PRUNING:
        return []
    with_copies = BackupCopy.objects.filter(state__in=REMOVABLE).values("backup__instance")
    rows = Instance.objects.filter(pk__in=with_copies, state__in=STATES).defer("secrets").order_by("identifier")
    own = Operation.objects.filter(kind=PRUNE_COPIES.code)
    busy = set(own.filter(lock__isnull=False).values_list("instance", flat=True))
    failed = own.filter(requested_by=REQUESTER, state=OperationState.FAILED, ended_at__gt=now - PAUSE)
    busy |= set(failed.values_list("instance", flat=True))
    idle = [row for row in rows if row.pk not in busy]
    rules = {pk: policy.make_rule() for pk, policy in find_policies(idle).items()}
    asked = []
    for row in list_suspects(idle, rules, now=now):
        if select_let_go(decide_copies(row, rules[row.pk], now=now), now=now) and _request(row):
            asked.append(row.identifier)
    return asked


def _request(instance: Instance) -> bool:
    """Ask for it; return whether it was taken. What forbids it is only logged: it is asked again later."""
    try:
        request_operation(
            kind=PRUNE_COPIES.code,
            instance=instance,
            requested_by=REQUESTER,
            # The policy was confirmed by who chose it; the operation keeps the exact list.
            parameters={"confirm": instance.identifier},
        )
    except CiviparoisseError as error:
        log.warning("removal of copies of %s: %s %s", instance.identifier, error.code, error.params)
        return False
    return True
