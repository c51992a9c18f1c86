"""Writes intervals: what one instance holds begins, goes on, or ends. The database refuses to hold one thing twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max

from finops.calendar import compute_second
from finops.models import Interval, IntervalSource, Resource
from tenants.models import Instance


class Amounts(NamedTuple):
    """What one thing holds."""

    cpu_millicores: int = 0
    memory_bytes: int = 0
    storage_bytes: int = 0


class Opening(NamedTuple):
    """What begins to be held at `start`."""

    component: str
    amounts: Amounts
    start: int
    storage_class: str = ""


class Recorder:
    """Writes what one instance holds from one moment on."""

    def __init__(
        self,
        instance: Instance,
        *,
        now: datetime,
        why: str,
        source: IntervalSource = IntervalSource.SPEC,
        changes_sizes: bool = True,
    ) -> None:
        """`changes_sizes`: False leaves what is held as large as it is: a plan that was edited is not applied yet."""
        self.instance = instance
        self.now = compute_second(now)
        self.why = why
        self.source = source
        self.changes_sizes = changes_sizes

    def hold(
        self,
        resource: Resource,
        wanted: Mapping[str, Amounts],
        *,
        since: Mapping[str, datetime] | None = None,
        let_go: bool = True,
        let_go_at: datetime | None = None,
    ) -> None:
        """Make exactly `wanted` (component -> amounts) held. What is held already in the same amounts goes on.

        `since`: from when on, for a component that is not held yet; else from now. `let_go`: False keeps what is not
        wanted. `let_go_at`: when that ended, if it is known better than now.
        """
        open_rows = Interval.objects.filter(
            instance=self.instance.identifier, resource=resource.value, end__isnull=True
        ).order_by("pk")
        held = {row.component: row for row in open_rows}
        ended = self.now if let_go_at is None else min(self.now, compute_second(let_go_at))
        for component, row in held.items():
            if component not in wanted and let_go:
                end_interval(row, ended)
        openings = []
        for component, amounts in wanted.items():
            before = held.get(component)
            if before is None:
                began = (since or {}).get(component)
                start = self.now if began is None else min(self.now, compute_second(began))
                openings.append(Opening(component, amounts, start))
            elif self.changes_sizes and get_amounts(before) != amounts:
                end_interval(before, self.now)
                openings.append(Opening(component, amounts, self.now, before.storage_class))
        self.open(resource, openings)

    def open(self, resource: Resource, openings: Sequence[Opening]) -> None:
        """Begin intervals; none before the end of the last one of the same thing. Two queries."""
        if not openings:
            return
        ended = Interval.objects.filter(
            instance=self.instance.identifier,
            resource=resource.value,
            component__in=[one.component for one in openings],
            end__isnull=False,
        )
        last = dict(ended.order_by().values_list("component").annotate(last=Max("end")))
        Interval.objects.bulk_create(
            Interval(
                instance=self.instance.identifier,
                tenant=self.instance.tenant.slug,
                engine=self.instance.engine,
                resource=resource.value,
                component=one.component,
                start=max(one.start, last.get(one.component, 0)),
                source=self.source.value,
                why=self.why,
                storage_class=one.storage_class,
                open_key=make_open_key(self.instance.identifier, resource, one.component),
                **one.amounts._asdict(),
            )
            for one in openings
        )

    def close(self, resource: Resource, component: str, *, end: int) -> None:
        """End the open interval of one thing."""
        key = make_open_key(self.instance.identifier, resource, component)
        end_interval(Interval.objects.get(open_key=key), end)


def end_interval(row: Interval, end: int) -> None:
    """End an interval; one that lasted for less than a second never was."""
    if end <= row.start:
        row.delete()
    else:
        Interval.objects.filter(pk=row.pk).update(end=end, open_key=None)


def get_amounts(row: Interval) -> Amounts:
    """Return what an interval holds."""
    return Amounts(row.cpu_millicores, row.memory_bytes, row.storage_bytes)


def make_open_key(identifier: str, resource: Resource, component: str) -> str:
    """Return what names a thing while it is held."""
    return f"{identifier}/{resource.value}/{component}"
