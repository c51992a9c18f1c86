"""The ledger summed up over a time: few rows for many intervals, few queries whatever the number of parishes."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Least

from finops.models import Interval, Resource

FIELDS = (
    "tenant",
    "instance",
    "engine",
    "resource",
    "component",
    "storage_class",
    "cpu_millicores",
    "memory_bytes",
    "storage_bytes",
    "source",
)
# No tally is longer than a day of 25 hours, no job than a day: what began earlier has ended.
LONGEST_RUN_SECONDS = 90_000
# Bytes are summed as mebibytes and what is over: bytes times seconds of many sets would not fit into 64 bits.
MEBIBYTE_BITS = 20


class Holding(NamedTuple):
    """One thing that one instance held for `seconds` altogether, in amounts that did not change meanwhile.

    `resource`: compute, run, storage or backup (finops.models.Resource). `component`: db, httpd, the program, the
    volume; "" for backups. `source`: spec, live or estimate (finops.models.IntervalSource). `start`, `end`: between
    which it was held, evenly; None for a sum over a time, of which nobody asked when.
    """

    tenant: str
    instance: str
    engine: str
    resource: str
    component: str
    storage_class: str
    cpu_millicores: int
    memory_bytes: int
    storage_bytes: int
    source: str
    seconds: int
    start: int | None = None
    end: int | None = None


# Where the runs of a tally are: up to the last that was counted, and the whole day where nobody says.
COUNTED_UNTIL = Coalesce(F("counted_until"), F("end"))


def list_holdings(start: int, end: int, *, tenant: str | None = None, until: int | None = None) -> list[Holding]:
    """Return what was held between the seconds `start` and `end`, as sums. What is still held counts up to `end`, or up
    to `until` when the present comes first. A tally counts evenly over the time in which its runs were.

    `tenant`: of this parish only. All backups of an instance are one holding, in byte-seconds: its bytes held for one
    second. The order is that of the database: nothing may depend on it. Five queries.
    """
    last = end if until is None else max(start, min(end, until))
    rows = Interval.objects.order_by() if tenant is None else Interval.objects.order_by().filter(tenant=tenant)
    runs = _select_runs(rows, start, last)
    tallies = runs.filter(held_seconds__isnull=False).alias(counted=COUNTED_UNTIL)
    whole = Q(start__gte=start, counted__lte=last)
    lasting = _select_lasting(rows, start, last)
    held = lasting.filter(resource__in=[Resource.COMPUTE.value, Resource.STORAGE.value])
    clipped = Least(Coalesce(F("end"), Value(last)), Value(last)) - Greatest(F("start"), Value(start))
    return [
        *_sum(held, clipped),
        *_sum(tallies.filter(whole), F("held_seconds")),
        *(holding._replace(start=None, end=None) for holding in _list_dated(tallies.exclude(whole), start, last)),
        *_sum(runs.filter(held_seconds__isnull=True), clipped),
        *_sum_backups(lasting.filter(resource=Resource.BACKUP.value), clipped),
    ]


def list_dated_holdings(start: int, end: int, resources: Iterable[str]) -> list[Holding]:
    """Return what was held of `resources` (compute, storage, run) between two seconds, each thing with its times. One
    query, one row for each interval: ask only for what must be known."""
    wanted = set(resources)
    lasting = _select_lasting(Interval.objects.order_by(), start, end)
    rows = lasting.filter(resource__in=wanted - {Resource.RUN.value})
    if Resource.RUN.value in wanted:
        rows = rows.union(_select_runs(Interval.objects.order_by(), start, end), all=True)
    return list(_list_dated(rows, start, end)) if wanted else []


def _select_lasting(rows: QuerySet[Interval], start: int, end: int) -> QuerySet[Interval]:
    # Adding nothing keeps the database from looking by the start: nearly all that ever was had begun before.
    return rows.alias(begun=F("start") + 0).filter(Q(end__isnull=True) | Q(end__gt=start), begun__lt=end)


def _select_runs(rows: QuerySet[Interval], start: int, end: int) -> QuerySet[Interval]:
    longest = start - LONGEST_RUN_SECONDS
    return rows.filter(resource=Resource.RUN.value, start__gt=longest, start__lt=end, end__gt=start)


def _list_dated(rows: QuerySet[Interval], start: int, end: int) -> Iterator[Holding]:
    """Yield each row's part between two seconds; nothing of a tally whose runs were before or after."""
    for *names, begun, ended, held, counted_until in rows.values_list(
        *FIELDS, "start", "end", "held_seconds", "counted_until"
    ):
        stop = end if ended is None else ended
        if held is not None and counted_until is not None:
            stop = counted_until
        first, last = max(start, begun), min(end, stop)
        if first < last:
            seconds = last - first
            if held is not None:
                # Rounded down from its beginning on, so that the parts of a tally are the whole.
                seconds = held * (last - begun) // (stop - begun) - held * (first - begun) // (stop - begun)
            yield Holding._make((*names, seconds, first, last))


def _sum(rows: QuerySet[Interval], seconds: Any) -> Iterator[Holding]:
    """Yield the seconds that each thing was held in each size."""
    for row in rows.values_list(*FIELDS).annotate(seconds=Sum(seconds, output_field=BigIntegerField())):
        if row[-1]:
            yield Holding._make((*row[:-1], int(row[-1]), None, None))


def _sum_backups(rows: QuerySet[Interval], seconds: Any) -> Iterator[Holding]:
    """Yield the byte-seconds of each instance's backups, exactly."""
    whole = F("storage_bytes").bitrightshift(MEBIBYTE_BITS) * seconds
    rest = F("storage_bytes").bitand(2**MEBIBYTE_BITS - 1) * seconds
    sums = rows.values_list("tenant", "instance", "engine", "storage_class", "source").annotate(
        whole=Sum(whole, output_field=BigIntegerField()), rest=Sum(rest, output_field=BigIntegerField())
    )
    for tenant, instance, engine, storage_class, source, mebibytes, over in sums:
        byte_seconds = (int(mebibytes) << MEBIBYTE_BITS) + int(over)
        backup = Resource.BACKUP.value
        yield Holding(tenant, instance, engine, backup, "", storage_class, 0, 0, byte_seconds, source, 1)
