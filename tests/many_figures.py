"""What many parishes hold, used and may cost: the ledger, measured days, budgets."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from backups.models import Backup
from domain.states import InstanceState
from finops.calendar import compute_day, compute_day_bounds, compute_second
from finops.ledger.changes import select_wanted
from finops.ledger.recorder import make_open_key
from finops.ledger.reservation import get_footprint
from finops.models import Budget, Interval, IntervalSource, Resource, UsageDay
from tenants.models import Instance
from tests.builders import MEBIBYTE
from tests.many_rows import Past, write

# (millicores, MiB) that an ordinary parish uses: far less than its plan gives it.
USE = {"db": (40, 300), "httpd": (60, 420), "cron": (100, 120)}
CRON_RUNS = 144


def write_figures(rows: list[Instance], *, since: datetime, now: datetime, past: Past) -> None:
    """Write what `rows` have held since then, what they used, and a budget for one in ten."""
    write(Interval(**values) for values in _list_lasting(rows, since))
    write(Interval(**values) for values in _list_sets(rows))
    write(Interval(**values) for values in _list_tallies(rows, now, past))
    write(_list_days(rows, now, past))
    write(Budget(tenant=row.identifier, amount=60) for row in rows[::10])


def _describe(row: Instance, resource: Resource, component: str, **values: Any) -> dict[str, Any]:
    known = {"instance": row.identifier, "tenant": row.identifier, "engine": row.engine, "why": "many"}
    return known | {"resource": resource.value, "component": component, "source": IntervalSource.SPEC.value, **values}


def _list_lasting(rows: list[Instance], since: datetime) -> Iterator[dict[str, Any]]:
    for row in rows:
        wanted = select_wanted(row, starts={})
        servers = wanted.servers or {}
        if row.state == InstanceState.FAILED:
            wanted = select_wanted(Instance(state=InstanceState.ACTIVE, plan=row.plan, release=row.release), starts={})
        for resource, held in ((Resource.COMPUTE, servers), (Resource.STORAGE, wanted.volumes or {})):
            for component, amounts in held.items():
                key = make_open_key(row.identifier, resource, component)
                start = compute_second(since)
                yield _describe(row, resource, component, start=start, open_key=key, **amounts._asdict())


def _list_sets(rows: list[Instance]) -> Iterator[dict[str, Any]]:
    by_key = {row.pk: row for row in rows}
    sets = Backup.objects.filter(instance__in=rows, stored_bytes__isnull=False)
    for backup_id, key, began, size in sets.values_list("backup_id", "instance_id", "started_at", "stored_bytes"):
        row = by_key[key]
        open_key = make_open_key(row.identifier, Resource.BACKUP, backup_id)
        start = compute_second(began)
        yield _describe(row, Resource.BACKUP, backup_id, start=start, storage_bytes=size, open_key=open_key)


def _list_tallies(rows: list[Instance], now: datetime, past: Past) -> Iterator[dict[str, Any]]:
    held = {program: get_footprint(rows[0]).find_run(program) for program in ("cron", "backup")}
    today = compute_day(compute_second(now))
    for back in range(past.ledger):
        start, end = compute_day_bounds(today - timedelta(days=back))
        for number, row in enumerate(rows):
            if row.state != InstanceState.ACTIVE:
                continue
            for program, reserved in held.items():
                assert reserved is not None
                runs = CRON_RUNS if program == "cron" else 1
                seconds = 400 if program == "backup" else runs * (20 + number % 40)
                yield _describe(
                    row, Resource.RUN, program, start=start, end=end, run=str(reserved), runs=runs,
                    held_seconds=seconds, counted_until=end, cpu_millicores=reserved.cpu_millicores,
                    memory_bytes=reserved.memory_bytes,
                ) | {"source": IntervalSource.LIVE.value, "why": "tally"}  # fmt: skip


def _list_days(rows: list[Instance], now: datetime, past: Past) -> Iterator[UsageDay]:
    today = compute_day(compute_second(now))
    for back in range(1, past.use + 1):
        for number, row in enumerate(rows):
            for container, (millicores, mebibytes) in USE.items():
                cpu, memory = millicores + number % 7, (mebibytes + number % 11) * MEBIBYTE
                yield UsageDay(
                    instance=row.identifier, container=container, day=today - timedelta(days=back), points=288,
                    cpu_p50=cpu, cpu_p95=cpu + 5, cpu_max=cpu + 9, cpu_sum=cpu * 288, memory_p50=memory,
                    memory_p95=memory, memory_max=memory, memory_sum=memory * 288, is_closed=True,
                )  # fmt: skip
