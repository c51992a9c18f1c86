"""What is there compared with what should be: each instance's objects, and what nobody owns. A report; it changes
nothing (clusters/repair.py does, on request or by the cluster's setting)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from backups.terms import attach_terms
from clusters.inspection import keep_report, make_detail
from clusters.models import Cluster, ReportKind
from domain.errors import CiviparoisseError
from domain.finding_texts import finding_as_dict
from domain.findings import Drift, Finding, Level, find_worst
from domain.fleet import Ending, ObservedFleet, ObservedPod, ObservedVolume
from domain.room import list_room_findings
from domain.specs import Component, InstanceSpec, JobProgram
from domain.states import InstanceState
from engine.registry import get_engine
from operations.losses import find_loss
from operations.models import Operation
from operations.steps.schedules import select_asked
from tenants.models import Instance
from tenants.specs import make_instance_spec, select_wanted_components

# States in which an instance should be exactly what we would apply.
SETTLED = (InstanceState.ACTIVE.value, InstanceState.SUSPENDED.value)
# Longer than any run may take; what an instance's schedules keep of their own runs is no leftover.
LEFT_HOURS = 24
SCHEDULED = frozenset({JobProgram.CRON.value, JobProgram.BACKUP.value})
# A namespace, and volumes that go with their claims, are gone by then, unless something holds them.
ENDING_MINUTES = 15
# A report is one row: what it shows of very many differences ends here, its counts do not.
SHOWN_INSTANCES, SHOWN_DIFFERENCES = 100, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """`instances`: identifier -> its differences. `findings`: about the whole place. `busy`: not looked at, an
    operation holds them. `looked_at`: how many instances were compared."""

    engine: str
    at: datetime
    instances: Mapping[str, tuple[Drift, ...]]
    findings: tuple[Finding, ...] = ()
    busy: tuple[str, ...] = ()
    looked_at: int = 0

    @property
    def level(self) -> Level:
        """Return the worst of it: a difference is a warning."""
        worst = find_worst(finding.level for finding in self.findings)
        return find_worst((worst, Level.WARNING)) if self.instances else worst


def observe_drift(engine: str, *, now: datetime, only: Instance | None = None) -> DriftReport:
    """Compare what is on `engine` with our rows; `only`: this instance alone. A place that does not answer is a
    finding, not an error; so is an instance whose objects cannot be made."""
    rows = list_instances(engine) if only is None else list_instances(engine).filter(pk=only.pk)
    held = list_held()
    comparable = [row for row in rows if _is_expected(row) and row.identifier not in held]
    busy = tuple(row.identifier for row in rows if row.identifier in held)
    try:
        place = get_engine(engine)
        fleet = place.observe_fleet()
        there = [row for row in comparable if find_loss(row, fleet) is None and row.identifier not in fleet.endings]
        attach_terms(there)
        drift = place.list_drift([make_spec(row, fleet) for row in there])
    except CiviparoisseError as error:
        unseen = Finding(code="api_unreachable", level=Level.CRITICAL, params=make_detail(error))
        return DriftReport(engine=engine, at=now, instances={}, findings=(unseen,), busy=busy)
    findings = [_make_missing(row, fleet) for row in comparable if row not in there]
    findings += [finding for row in there for finding in _list_room(row, fleet)]
    if only is None:
        states = {row.identifier: row.state for row in rows}
        findings += list_leftovers(fleet, states, cluster=engine, held=held, now=now)
    return DriftReport(
        engine=engine, at=now, instances=dict(drift), findings=tuple(findings), busy=busy, looked_at=len(there)
    )


def list_held() -> set[str]:
    """Return the identifiers of the instances that an operation holds."""
    locks = Operation.objects.filter(lock__isnull=False).values_list("lock", flat=True)
    return {lock for lock in locks if lock is not None}


def list_instances(engine: str) -> QuerySet[Instance]:
    """Return the instances recorded on `engine` with all that a spec is made of, in a constant number of queries."""
    rows = Instance.objects.filter(engine=engine).order_by("identifier")
    return rows.select_related("tenant", "plan", "release").prefetch_related("plan__containers")


def _is_expected(row: Instance) -> bool:
    """Return whether the instance should be there: one that failed too, once it had an address."""
    return row.state in SETTLED or (row.state == InstanceState.FAILED.value and bool(row.url))


def make_spec(row: Instance, fleet: ObservedFleet) -> InstanceSpec:
    """Return what the instance should be now; of one that failed, what runs is what was asked for last."""
    wanted: frozenset[Component] = frozenset()
    if row.state == InstanceState.ACTIVE.value:
        wanted = select_wanted_components(row)
    elif row.state == InstanceState.FAILED.value and (seen := fleet.find_own(row.identifier)):
        wanted = select_asked(seen)
    return make_instance_spec(row, components=wanted)


def list_leftovers(
    fleet: ObservedFleet, states: Mapping[str, str], *, cluster: str, held: Iterable[str], now: datetime
) -> Iterator[Finding]:
    """Yield what is there and belongs to no instance that should be there. Pure. `states`: of our instances on this
    engine, by identifier; `held`: those under an operation, of which nothing is left over yet."""
    busy = set(held)
    for name, seen in sorted(fleet.instances.items()):
        if name in fleet.endings and (name not in states or states[name] == InstanceState.DELETED.value):
            yield _make_ending(name, fleet.endings[name], now)
        elif name not in states:
            code = "namespace_forgotten" if fleet.is_own(name) else "namespace_unknown"
            yield Finding(code=code, level=Level.WARNING, params={"name": name, "cluster": cluster})
        elif states[name] == InstanceState.DELETED.value and seen.exists and name not in busy:
            yield Finding(code="namespace_left", level=Level.WARNING, params={"name": name})
    for volume in fleet.volumes:
        if volume.instance is not None and volume.instance not in busy and _is_left_behind(volume, now):
            params = {
                "name": volume.name,
                "instance": volume.instance,
                "claim": volume.claim or "?",
                "cluster": cluster,
            }
            yield Finding(code="volume_released", level=Level.WARNING, params=params)
    seen_jobs = set()
    for pod in fleet.pods:
        if pod.instance is None or pod.instance in busy or not _is_left(pod, now):
            continue
        if (pod.instance, pod.job) in seen_jobs:
            continue
        seen_jobs.add((pod.instance, pod.job))
        since = (pod.ended_at or pod.started_at or now).isoformat(timespec="seconds")
        params = {"instance": pod.instance, "job": pod.job, "component": pod.component, "since": since}
        yield Finding(code="job_left", level=Level.WARNING, params=params)


def _make_ending(name: str, ending: Ending, now: datetime) -> Finding:
    """Return that a namespace is on its way out: news for a quarter of an hour, then a warning."""
    late = now - ending.since > timedelta(minutes=ENDING_MINUTES)
    params = {"name": name, "since": ending.since.isoformat(timespec="seconds"), "detail": ending.detail}
    return Finding(
        code="namespace_held" if late else "namespace_going", level=Level.WARNING if late else Level.OK, params=params
    )


def _is_left_behind(volume: ObservedVolume, now: datetime) -> bool:
    """Return whether the volume has no claim any more, and does not go by itself: its class keeps it, or it should
    have gone by now."""
    limit = now - timedelta(minutes=ENDING_MINUTES)
    going = volume.reclaim_policy == "Delete" and volume.released_at is not None and volume.released_at > limit
    return not volume.is_bound and not going


def _is_left(pod: ObservedPod, now: datetime) -> bool:
    """Return whether the pod's run should be gone: it ended, or began, too long ago."""
    if not pod.job:
        return False
    limit = now - timedelta(hours=LEFT_HOURS)
    if pod.ended_at is not None:
        return pod.ended_at < limit and pod.component not in SCHEDULED
    return pod.started_at is not None and pod.started_at < limit


def _list_room(row: Instance, fleet: ObservedFleet) -> list[Finding]:
    """Return what is wrong with the room in an instance that is there."""
    seen = fleet.find_own(row.identifier)
    return list_room_findings(seen.room, instance=row.identifier) if seen is not None and seen.room else []


def _make_missing(row: Instance, fleet: ObservedFleet) -> Finding:
    """Return that nothing of the instance is there, or not all of its volumes, that it is another manager's, or that
    somebody is deleting it."""
    seen = fleet.find_own(row.identifier)
    missing = ", ".join(seen.missing) if seen is not None else ""
    params = {"instance": row.identifier, "state": row.state, **({"missing": missing} if missing else {})}
    if row.identifier in fleet.endings:
        return Finding(code="instance_ending", level=Level.CRITICAL, params=params)
    code = "instance_taken" if fleet.is_taken(row.identifier) else "instance_missing"
    code = "instance_damaged" if missing else code
    return Finding(code=code, level=Level.CRITICAL, params=params)


def look_for_drift(cluster: Cluster, *, now: datetime) -> DriftReport:
    """Compare the whole cluster with our rows, and keep the report."""
    report = observe_drift(cluster.name, now=now)
    keep_report(cluster, ReportKind.DRIFT, level=report.level, at=now, document=store_drift(report))
    return report


def store_drift(report: DriftReport) -> dict[str, Any]:
    """Return the report as it is kept: codes and values, no text in any language, and of many only the first."""
    shown = sorted(report.instances.items())[:SHOWN_INSTANCES]
    return {
        "drifted": len(report.instances),
        "looked_at": report.looked_at,
        "busy": list(report.busy),
        "instances": [
            {
                "instance": name,
                "count": len(differences),
                "differences": [_store_difference(difference) for difference in differences[:SHOWN_DIFFERENCES]],
            }
            for name, differences in shown
        ],
        "findings": [finding_as_dict(finding) for finding in report.findings],
    }


def _store_difference(drift: Drift) -> dict[str, str | None]:
    return {"object": drift.object, "path": drift.path, "wanted": drift.wanted, "found": drift.found}
