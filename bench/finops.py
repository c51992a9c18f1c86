"""A month's report from a year of ledger: `python -m bench.finops [--parishes 100 1000 10000] [--runs N]`.

Each parish has what a year of an ordinary one leaves: servers and volumes, a tally of crons and one of nightly backups
for each day, and a set for each night that is kept for thirty. Measured is the last month but one, as administrators
ask for it once a month is over: costs of every parish to the cent, from the rows to the lines.

Baseline, named in the output: the same month's rows read by one plain SELECT of the database's own driver, not summed,
not priced. Prints medians, their ratio to the baseline of the same run, and the time per parish.
"""

import argparse
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
PLACE = tempfile.mkdtemp(prefix="cp-bench-")
os.environ["CIVIPAROISSE_TEST_DIR"] = PLACE
os.environ["CIVIPAROISSE_SQLITE_PATH"] = f"{PLACE}/bench.sqlite3"
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django  # noqa: E402 - the environment must be set before

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from finops.calendar import Month, compute_day_bounds  # noqa: E402
from finops.models import Interval  # noqa: E402
from finops.months.costs import compute_month_costs  # noqa: E402
from finops.prices.sample_prices import ensure_sample_prices  # noqa: E402

FIRST, MEASURED, LAST = Month(2025, 12), Month(2026, 10), Month(2026, 11)
LATER = datetime(2026, 12, 1, tzinfo=UTC)
GIBIBYTE, MEBIBYTE = 2**30, 2**20
SERVERS = {"db": (250, 384 * MEBIBYTE), "httpd": (1100, 1124 * MEBIBYTE)}
VOLUMES = {"db": GIBIBYTE, "files": GIBIBYTE, "private": GIBIBYTE, "backups": 2 * GIBIBYTE}
KEPT_DAYS = 30
COLUMNS = (
    "instance tenant engine resource component run cpu_millicores memory_bytes storage_bytes storage_class start end"
    " held_seconds runs failed_runs source why open_key"
).split()
TABLE = Interval._meta.db_table


def say(text: str) -> None:
    """Print one line of the report."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def make_rows(slug: str) -> Iterator[tuple[Any, ...]]:
    """Yield the year of one parish, in the order of COLUMNS."""

    def row(resource: str, component: str, start: int, end: int | None, **values: Any) -> tuple[Any, ...]:
        known = {name: 0 for name in COLUMNS} | {"storage_class": "", "run": "", "why": "bench", "source": "spec"}
        key = f"{slug}/{resource}/{component}" if end is None else None
        known |= {"instance": slug, "tenant": slug, "engine": "bench", "resource": resource, "component": component}
        known |= {"start": start, "end": end, "held_seconds": None, "open_key": key, **values}
        return tuple(known[name] for name in COLUMNS)

    for name, (cpu, memory) in SERVERS.items():
        yield row("compute", name, FIRST.start, None, cpu_millicores=cpu, memory_bytes=memory)
    for name, size in VOLUMES.items():
        yield row("storage", name, FIRST.start, None, storage_bytes=size)
    day = FIRST.first_day
    held = {"cpu_millicores": 350, "memory_bytes": 356 * MEBIBYTE, "source": "live", "run": "356Mi 350m"}
    for number in range((LAST.next().first_day - day).days):
        start, end = compute_day_bounds(day + timedelta(days=number))
        yield row("run", "cron", start, end, held_seconds=5760 + number, runs=144, **held)
        yield row("run", "backup", start, end, held_seconds=300 + number, runs=1, **held)
        gone = start + KEPT_DAYS * 86_400
        size = 200 * MEBIBYTE + number * 4097
        yield row("backup", f"{slug}-{number}", start, gone if gone < LAST.end else None, storage_bytes=size)


def fill(parishes: int) -> int:
    """Make the ledger of so many parishes; return how many rows it has."""
    marks = ", ".join("?" for _ in COLUMNS)
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    with sqlite3.connect(os.environ["CIVIPAROISSE_SQLITE_PATH"]) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.execute(f"DELETE FROM {TABLE}")
        # Made again afterwards, all at once: much faster, and the same in the end.
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
        indexes = database.execute(query, [TABLE]).fetchall()
        for name, _sql in indexes:
            database.execute(f'DROP INDEX "{name}"')
        rows = (row for number in range(parishes) for row in make_rows(f"parish-{number:05}"))
        database.executemany(f"INSERT INTO {TABLE} ({names}) VALUES ({marks})", rows)
        for _name, sql in indexes:
            database.execute(sql)
        database.execute("ANALYZE")
        count: int = database.execute(f"SELECT COUNT(*) FROM {TABLE}").fetchone()[0]
    database.close()
    return count


def read_plainly() -> int:
    """The baseline: every row that touches the month, as the driver gives it."""
    start, end = MEASURED.start, MEASURED.end
    names = ", ".join(f'"{name}"' for name in COLUMNS[:13])
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {names} FROM {TABLE} WHERE start < %s AND ("end" IS NULL OR "end" > %s)', [end, start])
        return len(cursor.fetchall())


def measure(work: Callable[[], Any], *, runs: int) -> float:
    """Return the median of the CPU seconds of `runs` runs: SQLite works in this process, others must not count."""
    seconds = []
    for _ in range(runs):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return statistics.median(seconds)


def bench(parishes: int, *, runs: int) -> None:
    """Measure the baseline, then the report, and print each."""
    rows = fill(parishes)
    touched = read_plainly()
    base = measure(read_plainly, runs=runs)
    taken = measure(lambda: compute_month_costs(MEASURED, now=LATER), runs=runs)
    costs = compute_month_costs(MEASURED, now=LATER)
    assert len(costs.parishes) == parishes
    assert sum(costs.parishes.values(), Decimal(0)) + costs.idle + costs.overhead == costs.bill
    say(f"{parishes:6} parishes, {rows:9} rows, {touched:8} in the month")
    say(f"  baseline, plain SELECT of these rows: {base:7.3f} s  1.00")
    each = f"{taken / parishes * 1e3:.3f} ms per parish"
    say(f"  the month's report, {costs.bill:>12} EUR: {taken:7.3f} s  {taken / base:4.2f}  {each}")


def main() -> None:
    """Make the database, measure each size, clean up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parishes", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    try:
        call_command("migrate", verbosity=0)
        ensure_sample_prices()
        say(f"{MEASURED}, median of {asked.runs}")
        for parishes in asked.parishes:
            bench(parishes, runs=asked.runs)
    finally:
        connection.close()
        shutil.rmtree(PLACE)


if __name__ == "__main__":
    main()
