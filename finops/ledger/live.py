"""What an engine sees, written into the ledger where it knows better: runs of its own schedules, sizes of pods, classes
of volumes. One observation of the whole place, whatever the number of instances.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from domain.fleet import ObservedFleet, ObservedPod
from domain.reservations import Reservation
from engine.registry import get_engine, list_engines
from finops.calendar import compute_second
from finops.ledger.recorder import Amounts, Recorder
from finops.ledger.runs import Addition, add_to_tallies, compute_bounds, find_held
from finops.models import Interval, IntervalSource, Resource
from manifests.blueprints import list_blueprints, load_blueprint
from operations.fleets import observe_fleets
from operations.models import Operation
from tenants.models import Instance

log = logging.getLogger("finops")

SCHEDULED = ("cron", "backup")
SERVERS = ("db", "httpd")
# In the names of runs that an operation asked for: each is written by its step.
ASKED_FOR = "-op-"
# Longer than a tally's day and the longest run: an older run was counted, or is not known any more.
COUNTED_SECONDS = 3 * 86_400
# Instances whose rows are held together meanwhile.
COUNTED_AT_ONCE = 500


class Difference(NamedTuple):
    """A server whose pod holds something else than the ledger says. Nothing on one side: it is not there."""

    instance: str
    component: str
    recorded: Reservation | None
    observed: Reservation | None


def record_fleets(*, now: datetime) -> list[str]:
    """Observe every engine and write what it knows better; return the names of those that answered."""
    answered = []
    for name, fleet in observe_fleets(list_engines()).items():
        if fleet is None:
            continue
        if get_engine(name).runs_schedules:
            count_scheduled_pods(name, fleet)
        record_classes(name, fleet)
        if name not in settings.CAPACITY_UNCHECKED_ENGINES:
            record_sizes(name, fleet, now=now)
        answered.append(name)
    return answered


def count_scheduled_pods(engine: str, fleet: ObservedFleet) -> int:
    """Add the runs of the engine's own schedules that have ended to their tallies, each once; return how many.

    Runs of one schedule never overlap, so that those that ended after the last one counted are new.
    """
    since = compute_second(fleet.at) - COUNTED_SECONDS
    ended: defaultdict[str, list[tuple[int, int, ObservedPod]]] = defaultdict(list)
    for pod in fleet.pods:
        if pod.component in SCHEDULED and ASKED_FOR not in pod.job and pod.instance and pod.started_at and pod.ended_at:
            start, end = compute_bounds(pod.started_at, pod.ended_at)
            if start >= since:
                ended[pod.instance].append((end, start, pod))
    names = sorted(ended)
    return sum(
        _count_new(engine, {name: ended[name] for name in names[first : first + COUNTED_AT_ONCE]})
        for first in range(0, len(names), COUNTED_AT_ONCE)
    )


def _count_new(engine: str, ended: Mapping[str, list[tuple[int, int, ObservedPod]]]) -> int:
    """Count those runs of each instance, in the order of their ends, that are not counted yet."""
    added = []
    with transaction.atomic():
        # Held until the end: two observers count one after the other.
        rows = Instance.objects.filter(engine=engine, identifier__in=ended).order_by("pk")
        held_keys = list(rows.select_for_update().values_list("pk", flat=True))
        whole = Instance.objects.filter(pk__in=held_keys).select_related("tenant", "plan", "release")
        counted_until = _list_counted_until(ended)
        for instance in whole.prefetch_related("plan__containers").order_by("pk"):
            for end, start, pod in sorted(ended[instance.identifier], key=lambda run: (run[0], run[2].name)):
                key = (instance.identifier, pod.component)
                # Nothing is left of what it held once it has ended: the plan tells.
                held = find_held(instance, pod.component) if end > counted_until.get(key, 0) else None
                if held is not None:
                    added.append(Addition(instance, pod.component, held, start=start, end=end, failed=pod.failed))
                    counted_until[key] = end
        add_to_tallies(added)
    return len(added)


def _list_counted_until(names: Collection[str]) -> dict[tuple[str, str], int]:
    """Return, by instance and component, the end of the last run that was counted."""
    tallies = Interval.objects.filter(
        instance__in=names, resource=Resource.RUN.value, component__in=SCHEDULED, source=IntervalSource.LIVE.value
    )
    rows = tallies.order_by().values_list("instance", "component").annotate(last=Max("counted_until"))
    return {(instance, component): last or 0 for instance, component, last in rows}


def record_classes(engine: str, fleet: ObservedFleet) -> int:
    """Note the storage class of volumes of which the ledger does not know it; return of how many."""
    names = _list_volume_names()
    classes = {
        (volume.instance, name): volume.storage_class
        for volume in fleet.volumes
        if volume.instance and volume.storage_class
        for name in names.get(volume.claim, (volume.claim,))
    }
    unknown = Interval.objects.filter(
        engine=engine, resource=Resource.STORAGE.value, storage_class="", end__isnull=True
    )
    noted = 0
    for row in unknown:
        if (row.instance, row.component) in classes:
            name = classes[row.instance, row.component]
            noted += Interval.objects.filter(pk=row.pk, storage_class="").update(storage_class=name)
    return noted


def _list_volume_names() -> dict[str, tuple[str, ...]]:
    """Return claim -> the volumes that blueprints have under it."""
    names: dict[str, tuple[str, ...]] = {}
    for blueprint in list_blueprints():
        for volume in load_blueprint(blueprint).volumes.values():
            names[volume.claim] = (*names.get(volume.claim, ()), volume.name)
    return names


def list_differences(engine: str, fleet: ObservedFleet) -> list[Difference]:
    """Return where the servers of the ledger are not those that the engine sees, in order."""
    rows = Interval.objects.filter(engine=engine, resource=Resource.COMPUTE.value, end__isnull=True)
    recorded = {(row.instance, row.component): Reservation(row.cpu_millicores, row.memory_bytes) for row in rows}
    observed = _sum_servers(fleet.pods)
    return [
        Difference(*key, recorded.get(key), observed.get(key))
        for key in sorted(recorded.keys() | observed.keys())
        if recorded.get(key) != observed.get(key)
    ]


def _sum_servers(pods: Iterable[ObservedPod]) -> Mapping[tuple[str, str], Reservation]:
    """Return what the servers hold, by instance and component. A pod that waits for a node holds nothing yet."""
    return {
        (pod.instance, pod.component): pod.reserved
        for pod in pods
        if pod.instance and pod.component in SERVERS and pod.node and pod.ended_at is None
    }


def record_sizes(engine: str, fleet: ObservedFleet, *, now: datetime) -> int:
    """Write the sizes of servers that are really there where the ledger has others, said as `live`; return how many.
    Instances that an operation holds are left to it."""
    changed = 0
    for difference in list_differences(engine, fleet):
        if difference.recorded is None or difference.observed is None:
            log.warning("ledger of %s: %s", difference.instance, difference)
            continue
        with transaction.atomic():
            row = Instance.objects.select_for_update().filter(identifier=difference.instance).first()
            if row is None or Operation.objects.filter(lock=row.identifier).exists():
                continue
            amounts = Amounts(difference.observed.cpu_millicores, difference.observed.memory_bytes)
            recorder = Recorder(row, now=now, why="observed", source=IntervalSource.LIVE)
            recorder.hold(Resource.COMPUTE, {difference.component: amounts}, let_go=False)
            changed += 1
    return changed
