"""The ledger summed up over a time: few rows for many intervals, four queries whatever the number of parishes."""

from collections.abc import Iterator
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
LONGEST_RUN_SECONDS = 86_400
# Bytes are summed as mebibytes and what is over: bytes times seconds of many sets would not fit into 64 bits.
MEBIBYTE_BITS = 20


class Holding(NamedTuple):
    """One thing that one instance held for `seconds` altogether, in amounts that did not change meanwhile.

    `resource`: compute, run, storage or backup (finops.models.Resource). `component`: db, httpd, the program, the
    volume; "" for backups. `source`: spec, live or estimate (finops.models.IntervalSource).
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


def list_holdings(start: int, end: int, *, tenant: str | None = None, until: int | None = None) -> list[Holding]:
    """Return what was held between the seconds `start` and `end`. What is still held counts up to `end`, or up to
    `until` when the present comes first. Tallies count whole when their day begins in that time: ask for whole days.

    `tenant`: of this parish only. All backups of an instance are one use, in byte-seconds: its bytes held for one
    second. The order is that of the database: nothing may depend on it.
    """
    last = end if until is None else max(start, min(end, until))
    rows = Interval.objects.order_by() if tenant is None else Interval.objects.order_by().filter(tenant=tenant)
    runs = rows.filter(resource=Resource.RUN.value)
    tallies = runs.filter(held_seconds__isnull=False, start__gte=start, start__lt=end)
    jobs = runs.filter(held_seconds__isnull=True, start__gt=start - LONGEST_RUN_SECONDS, start__lt=last, end__gt=start)
    # Adding nothing keeps the database from looking by the start: nearly all that ever was had begun before.
    lasting = rows.alias(begun=F("start") + 0).filter(Q(end__isnull=True) | Q(end__gt=start), begun__lt=last)
    held = lasting.filter(resource__in=[Resource.COMPUTE.value, Resource.STORAGE.value])
    clipped = Least(Coalesce(F("end"), Value(last)), Value(last)) - Greatest(F("start"), Value(start))
    return [
        *_sum(held, clipped),
        *_sum(tallies, F("held_seconds")),
        *_sum(jobs, clipped),
        *_sum_backups(lasting.filter(resource=Resource.BACKUP.value), clipped),
    ]


def _sum(rows: QuerySet[Interval], seconds: Any) -> Iterator[Holding]:
    """Yield the seconds that each thing was held in each size."""
    for row in rows.values_list(*FIELDS).annotate(seconds=Sum(seconds, output_field=BigIntegerField())):
        if row[-1]:
            yield Holding._make((*row[:-1], int(row[-1])))


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
