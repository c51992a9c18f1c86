"""The ledger summed up over a time: few rows for many intervals, one query whatever the number of parishes."""

from django.db.models import BigIntegerField, Case, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest, Least

from finops.models import Interval, Resource
from finops.pricing import Use

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


def list_uses(start: int, end: int, *, tenant: str | None = None, until: int | None = None) -> list[Use]:
    """Return what was held between the seconds `start` and `end`. What is still held counts up to `end`, or up to
    `until` when the present comes first. Tallies count whole when their day begins in that time: ask for whole days.

    `tenant`: of this parish only. The order is that of the database: nothing may depend on it.
    """
    last = end if until is None else max(start, min(end, until))
    rows = Interval.objects.filter(_select_lasting(start, last) | _select_runs(start, end, last))
    if tenant is not None:
        rows = rows.filter(tenant=tenant)
    clipped = Least(Coalesce(F("end"), Value(last)), Value(last)) - Greatest(F("start"), Value(start))
    seconds = Case(
        When(held_seconds__isnull=False, then=F("held_seconds")), default=clipped, output_field=BigIntegerField()
    )
    sums = rows.order_by().values_list(*FIELDS).annotate(seconds=Sum(seconds))
    return [Use._make((*row[:-1], int(row[-1]))) for row in sums if row[-1]]


def _select_lasting(start: int, last: int) -> Q:
    ends_later = Q(end__isnull=True) | Q(end__gt=start)
    lasting = [Resource.COMPUTE.value, Resource.STORAGE.value, Resource.BACKUP.value]
    return Q(resource__in=lasting, start__lt=last) & ends_later


def _select_runs(start: int, end: int, last: int) -> Q:
    tallies = Q(held_seconds__isnull=False, start__gte=start, start__lt=end)
    jobs = Q(held_seconds__isnull=True, start__gt=start - LONGEST_RUN_SECONDS, start__lt=last, end__gt=start)
    return Q(resource=Resource.RUN.value) & (tallies | jobs)
