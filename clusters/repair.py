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
from operations.recovery import LASTING, may_recover
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
    else_kind: str = "",
) -> list[str]:
    """Ask for a resume of the active instances of `identifiers`, in that order, as long as not more than `at_most` are
    under way on the engine, whoever asked for them; return those asked for. `pause`: as for `request_repairs`.
    `else_kind`: what is asked of failed ones that a resume must not make active, "" for nothing."""
    asked: list[str] = []
    with transaction.atomic():
        # Held until the end: a person and the clock that ask at the same moment count each other's.
        Cluster.objects.select_for_update().filter(name=engine).first()
        kinds = tuple(filter(None, (OperationKind.RESUME, else_kind)))
        room = at_most - _count_running(engine, kinds)
        recent = _list_recent(kinds, requested_by=requested_by, since=now - pause) if pause is not None else set()
        for row in _list_rows(engine, identifiers, but=recent | list_held()):
            if len(asked) >= room:
                break
            kind = OperationKind.RESUME if row.state == InstanceState.ACTIVE or may_recover(row) else else_kind
            if not kind or row.error_code in LASTING:
                continue
            try:
                request_operation(kind=kind, instance=row, requested_by=requested_by)
            except CiviparoisseError as error:
                # Somebody else holds it, or its state has changed: the next look will tell.
                log.info("%s of %s not asked: %s", kind, row.identifier, error.code)
            else:
                asked.append(row.identifier)
    return asked


def _count_running(engine: str, kinds: Sequence[str]) -> int:
    """Return how many operations of `kinds` on the engine have not ended, whoever asked for them."""
    active = [state.value for state in ACTIVE_OPERATION_STATES]
    return Operation.objects.filter(instance__engine=engine, kind__in=kinds, state__in=active).count()


def _list_recent(kinds: Sequence[str], *, requested_by: str, since: datetime) -> set[str]:
    """Return the instances of which the requester asked for one of `kinds` since then."""
    recent = Operation.objects.filter(requested_by=requested_by, kind__in=kinds, created_at__gt=since)
    return set(recent.values_list("subject", flat=True))


def _list_rows(engine: str, identifiers: Sequence[str], *, but: set[str]) -> Iterable[Instance]:
    """Return the active and failed instances of `identifiers`, in that order, less those of `but`."""
    states = [InstanceState.ACTIVE.value, InstanceState.FAILED.value]
    rows = Instance.objects.filter(engine=engine, state__in=states, identifier__in=identifiers)
    by_name = {row.identifier: row for row in rows}
    return [by_name[name] for name in identifiers if name in by_name and name not in but]
