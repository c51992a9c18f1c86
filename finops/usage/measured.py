"""Measured use: sampled every few minutes, kept exactly while the day lasts, summed up for good once it has ended."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Max, Min, Sum

from domain.errors import CiviparoisseError
from domain.fleet import UsageSample
from domain.states import InstanceState
from engine.registry import get_engine
from finops.calendar import compute_day, compute_second
from finops.usage.evidence import Evidence, combine_evidence
from finops.usage.percentiles import Sample, pack, summarise, unpack
from finops.usage_models import UsageDay
from tenants.models import Instance

log = logging.getLogger("finops")

# A sample may arrive late: metrics are some seconds old, a worker was busy.
CLOSING_DELAY = timedelta(hours=1)
# A year and a month: this month can be held against the same one of last year.
KEPT_DAYS = 400
BATCH = 500

Key = tuple[str, str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanUse:
    """What one container used on average. CPU in millicores, memory in bytes."""

    cpu_millicores: Decimal
    memory_bytes: Decimal
    points: int


def record_usage(*, now: datetime) -> int:
    """Sample every engine that has instances, end the days that are over; return how many samples were new.

    An engine that does not answer, or measures nothing, leaves a gap: no data is not 0.
    """
    names = Instance.objects.exclude(state=InstanceState.DELETED.value).values_list("engine", flat=True).distinct()
    kept = 0
    for name in sorted(set(names)):
        try:
            samples = get_engine(name).observe_usage()
        except CiviparoisseError as error:
            log.warning("usage of %s: %s %s", name, error.code, error.params)
            continue
        kept += store_samples(samples)
    close_days(now=now)
    return kept


def store_samples(samples: Iterable[UsageSample]) -> int:
    """Keep samples in the day they belong to; return how many were new. One that is known already (the source had no
    newer one), and one of a day that has been summed up, are left out."""
    samples_by_key: defaultdict[Key, list[Sample]] = defaultdict(list)
    for sample in samples:
        second = compute_second(sample.at)
        samples_by_key[sample.instance, sample.container, compute_day(second)].append(
            Sample(second, sample.cpu_millicores, sample.memory_bytes)
        )
    if not samples_by_key:
        return 0
    with transaction.atomic():
        return _merge(samples_by_key)


def _merge(samples_by_key: Mapping[Key, list[Sample]]) -> int:
    instances, days = {key[0] for key in samples_by_key}, {key[2] for key in samples_by_key}
    rows = UsageDay.objects.select_for_update().filter(day__in=days)
    known = {(row.instance, row.container, row.day): row for row in rows if row.instance in instances}
    kept = 0
    new: list[UsageDay] = []
    changed: list[UsageDay] = []
    for key, samples in samples_by_key.items():
        row = known.get(key) or UsageDay(instance=key[0], container=key[1], day=key[2])
        if row.is_closed:
            continue
        before = unpack(bytes(row.samples))
        seen = set(before)
        fresh = [sample for sample in dict.fromkeys(samples) if sample not in seen]
        if fresh:
            row.samples = bytes(row.samples) + pack(fresh)
            row.points = len(before) + len(fresh)
            kept += len(fresh)
            (new if row.pk is None else changed).append(row)
    UsageDay.objects.bulk_create(new, batch_size=BATCH)
    UsageDay.objects.bulk_update(changed, ("samples", "points"), batch_size=BATCH)
    return kept


def close_days(*, now: datetime) -> int:
    """Sum up the days that have ended and forget their samples, delete what is older than it is kept; return how many
    rows were summed up."""
    today = compute_day(compute_second(now - CLOSING_DELAY))
    with transaction.atomic():
        rows = list(UsageDay.objects.select_for_update().filter(is_closed=False, day__lt=today))
        for row in rows:
            for name, value in asdict(summarise(unpack(bytes(row.samples)))).items():
                setattr(row, name, value)
            row.samples, row.is_closed = b"", True
        UsageDay.objects.bulk_update(
            rows,
            (
                *("points", "cpu_p50", "cpu_p95", "cpu_max", "cpu_sum"),
                *("memory_p50", "memory_p95", "memory_max", "memory_sum", "samples", "is_closed"),
            ),
            batch_size=BATCH,
        )
    UsageDay.objects.filter(day__lt=today - timedelta(days=KEPT_DAYS)).delete()
    return len(rows)


def list_evidence(*, first: date, last: date, instance: str | None = None) -> dict[str, dict[str, Evidence]]:
    """Return what each container used between two days (both included), by instance and container; two queries."""
    rows = UsageDay.objects.filter(day__gte=first, day__lte=last)
    if instance is not None:
        rows = rows.filter(instance=instance)
    parts: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)
    closed = rows.filter(is_closed=True).order_by().values("instance", "container")
    for row in closed.annotate(
        first=Min("day"), last=Max("day"), count=Count("pk"), seen=Sum("points"), p95=Max("cpu_p95"),
        peak=Max("cpu_max"), held=Max("memory_p95"), most=Max("memory_max"),
    ):  # fmt: skip
        parts[row["instance"], row["container"]].append(
            Evidence(
                first_day=row["first"],
                last_day=row["last"],
                days=row["count"],
                points=row["seen"],
                cpu_p95=row["p95"],
                cpu_peak=row["peak"],
                memory_p95=row["held"],
                memory_peak=row["most"],
            )
        )
    for open_row in rows.filter(is_closed=False):
        parts[open_row.instance, open_row.container].append(_make_evidence(open_row))
    by_instance: defaultdict[str, dict[str, Evidence]] = defaultdict(dict)
    for (name, container), evidence in parts.items():
        combined = combine_evidence(evidence)
        assert combined is not None, "there is a part for every key"
        by_instance[name][container] = combined
    return dict(by_instance)


def _make_evidence(row: UsageDay) -> Evidence:
    summary = summarise(unpack(bytes(row.samples)))
    return Evidence(
        first_day=row.day,
        last_day=row.day,
        days=1,
        points=summary.points,
        cpu_p95=summary.cpu_p95,
        cpu_peak=summary.cpu_max,
        memory_p95=summary.memory_p95,
        memory_peak=summary.memory_max,
    )


def list_means(*, first: date, last: date) -> dict[str, dict[str, MeanUse]]:
    """Return what each container used on average between two days (both included), by instance and container; two
    queries. A container that nobody measured is absent."""
    rows = UsageDay.objects.filter(day__gte=first, day__lte=last)
    sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    closed = rows.filter(is_closed=True).order_by().values("instance", "container")
    for row in closed.annotate(cpu=Sum("cpu_sum"), memory=Sum("memory_sum"), seen=Sum("points")):
        _add(sums[row["instance"], row["container"]], row["cpu"], row["memory"], row["seen"])
    for open_row in rows.filter(is_closed=False):
        summary = summarise(unpack(bytes(open_row.samples)))
        _add(sums[open_row.instance, open_row.container], summary.cpu_sum, summary.memory_sum, summary.points)
    means: defaultdict[str, dict[str, MeanUse]] = defaultdict(dict)
    for (instance, container), (cpu, memory, points) in sums.items():
        if points:
            means[instance][container] = MeanUse(
                cpu_millicores=Decimal(cpu) / points, memory_bytes=Decimal(memory) / points, points=points
            )
    return dict(means)


def _add(sums: list[int], *amounts: int) -> None:
    for index, amount in enumerate(amounts):
        sums[index] += amount
