"""Asks that instances be applied again, as ordinary operations, a few at a time; what belongs to nobody is never
touched. For drift here, for certificates in clusters/certificates.py."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from clusters.drift import DriftReport, list_held, look_for_drift
from clusters.models import Cluster
from clusters.parameters import RepairPolicy
from domain.errors import CiviparoisseError
from domain.states import ACTIVE_OPERATION_STATES, InstanceState, OperationKind
from operations.models import Operation
from operations.recovery import may_recover
from operations.requests import request_operation
from tenants.models import Instance

log = logging.getLogger("clusters")

DRIFT_REQUESTER = "manager:drift"
# What a resume did not cure today it will not cure in an hour: a person must look.
PAUSE = timedelta(days=1)


def look_and_repair(*, now: datetime) -> list[str]:
    """Look at every cluster; where its setting says so, ask for repairs. Return the instances that will be repaired."""
    asked: list[str] = []
    for cluster in Cluster.objects.all():
        try:
            report = look_for_drift(cluster, now=now)
            if cluster.repair_policy == RepairPolicy.REPAIR.value:
                asked += request_repairs(
                    report, at_most=cluster.repair_at_most, requested_by=DRIFT_REQUESTER, pause=PAUSE, now=now
                )
        except CiviparoisseError as error:
            log.warning("drift of %s: %s %s", cluster.name, error.code, error.params)
    return asked


def request_repairs(
    report: DriftReport, *, at_most: int, requested_by: str, now: datetime, pause: timedelta | None = None
) -> list[str]:
    """Ask for a resume of active instances that have drifted, never more than `at_most` at once on that engine;
    return those asked for. `pause`: leave alone what the same requester asked for so recently, None for nothing."""
    return request_resumes(
        report.engine, sorted(report.instances), at_most=at_most, requested_by=requested_by, now=now, pause=pause
    )


def request_resumes(
    engine: str,
    identifiers: Sequence[str],
    *,
    at_most: int,
    requested_by: str,
    now: datetime,
    pause: timedelta | None,
) -> list[str]:
    """Ask for a resume of the active instances of `identifiers`, in that order, as long as not more than `at_most` are
    under way on the engine, whoever asked for them; return those asked for. `pause`: as for `request_repairs`."""
    asked: list[str] = []
    with transaction.atomic():
        # Held until the end: a person and the clock that ask at the same moment count each other's.
        Cluster.objects.select_for_update().filter(name=engine).first()
        room = at_most - _count_running(engine)
        for row in _list_resumable(engine, identifiers, requested_by=requested_by, now=now, pause=pause):
            if len(asked) >= room:
                break
            try:
                request_operation(kind=OperationKind.RESUME, instance=row, requested_by=requested_by)
            except CiviparoisseError as error:
                # Somebody else holds it, or its state has changed: the next look will tell.
                log.info("resume of %s not asked: %s", row.identifier, error.code)
            else:
                asked.append(row.identifier)
    return asked


def _count_running(engine: str) -> int:
    """Return how many resumes on the engine have not ended, whoever asked for them."""
    active = [state.value for state in ACTIVE_OPERATION_STATES]
    return Operation.objects.filter(instance__engine=engine, kind=OperationKind.RESUME, state__in=active).count()


def _list_resumable(
    engine: str, identifiers: Sequence[str], *, requested_by: str, now: datetime, pause: timedelta | None
) -> Iterable[Instance]:
    """Return the active instances of `identifiers`, and the failed ones whose data is what it was, in that order, less
    those asked for within `pause`."""
    recent = Operation.objects.none()
    if pause is not None:
        recent = Operation.objects.filter(
            requested_by=requested_by, kind=OperationKind.RESUME, created_at__gt=now - pause
        )
    recently_repaired = set(recent.values_list("subject", flat=True))
    states = [InstanceState.ACTIVE.value, InstanceState.FAILED.value]
    rows = Instance.objects.filter(engine=engine, state__in=states, identifier__in=identifiers)
    by_name = {row.identifier: row for row in rows if row.state == InstanceState.ACTIVE or may_recover(row)}
    return [by_name[name] for name in identifiers if name in by_name and name not in recently_repaired | list_held()]
