"""What every page and periodic task takes with many parishes: `python -m bench.scale [--parishes 300 3000 10000]`.

Each parish has a week of nightly sets, a fortnight of measured use, two months of ledger. Every address of the
administration and of the API is asked for (tests/every_address.py finds them), every periodic task is run with
everything due that it looks for, on an engine that takes no time. Printed, slowest first: median milliseconds, KiB,
queries. `--only TEXT` measures what has it in its name; `--runs N` takes the median of N.

Baseline, named in the output: one SELECT of all instances by the database's own driver, each column read.
"""

import argparse
import logging
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
PLACE = tempfile.mkdtemp(prefix="cp-bench-")
os.environ["CIVIPAROISSE_TEST_DIR"] = PLACE
os.environ["CIVIPAROISSE_SQLITE_PATH"] = f"{PLACE}/bench.sqlite3"
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django  # noqa: E402 - the environment must be set before

if __name__ == "__main__":
    django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

PAGE_MILLISECONDS, API_MILLISECONDS, TASK_MILLISECONDS, PAGE_KIB = 300, 100, 1000, 300


class Figure(NamedTuple):
    """What one thing took. `status`: of the answer, 0 for a task."""

    name: str
    status: int
    milliseconds: float
    kib: float
    queries: int

    @property
    def is_over(self) -> bool:
        """Return whether it takes more than it may."""
        if not self.status:
            return self.milliseconds > TASK_MILLISECONDS
        is_api = not self.name.startswith("/admin/")
        return self.milliseconds > (API_MILLISECONDS if is_api else PAGE_MILLISECONDS) or self.kib > PAGE_KIB


def say(text: str) -> None:
    """Print one line of the report."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def measure(name: str, work: Callable[[], Any], *, runs: int, prepare: Callable[[], None] | None = None) -> Figure:
    """Return what `work` takes: once for the queries, then the median of `runs`."""
    if prepare:
        prepare()
    with CaptureQueriesContext(connection) as captured:
        answer = work()
    queries = len(captured)
    # Other processes of the machine count for nothing; a server of its own does.
    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    milliseconds = []
    for _ in range(runs):
        if prepare:
            prepare()
        began = clock()
        work()
        milliseconds.append((clock() - began) * 1000)
    status = getattr(answer, "status_code", 0)
    size = len(answer.content) / 1024 if hasattr(answer, "content") else 0.0
    return Figure(name, status, statistics.median(milliseconds), size, queries)


def read_plainly() -> int:
    """Read all instances by the driver; return how many there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM tenants_instance")
        return len(cursor.fetchall())


def bench(place: Any, parishes: int, *, runs: int, only: str) -> None:
    """Fill, measure, print."""
    from tests.scale_place import list_tasks

    began = time.perf_counter()
    place.fill(parishes)
    connection.cursor().execute("ANALYZE" if connection.vendor == "sqlite" else "ANALYZE TABLE finops_interval")
    say(f"\n{parishes} parishes, {connection.vendor} (written in {time.perf_counter() - began:.0f} s)")
    baseline = measure("baseline", read_plainly, runs=5)
    say(f"  baseline, plain SELECT of all instances: {baseline.milliseconds:.1f} ms")
    figures = []
    for name, task in list_tasks().items():
        if only in name:
            task()
            figures.append(measure(name, task, runs=runs, prepare=place.make_due))
    for name, address in place.list_addresses():
        if only in address or only in name:
            figures.append(measure(address, lambda address=address: place.get(address), runs=runs))
    say("       ms   x base      KiB  queries  status")
    for figure in sorted(figures, key=lambda figure: -figure.milliseconds):
        ratio = figure.milliseconds / baseline.milliseconds
        mark = "!" if figure.is_over else " "
        say(
            f"{mark} {figure.milliseconds:8.1f} {ratio:8.1f} {figure.kib:8.1f} {figure.queries:8}"
            f"  {figure.status or '':>6}  {figure.name}"
        )


def main() -> None:
    """Make the database, measure each size, clean up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parishes", type=int, nargs="+", default=[300, 3000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    try:
        run(asked)
    finally:
        connection.close()
        shutil.rmtree(PLACE)


def run(asked: argparse.Namespace) -> None:
    """Measure all that was asked."""
    from tests.many_rows import Past
    from tests.scale_place import Place

    call_command("migrate", verbosity=0)
    place = Place(now=timezone.now(), past=Past(sets=7, ledger=60, use=14))
    for parishes in asked.parishes:
        bench(place, parishes, runs=asked.runs, only=asked.only)


if __name__ == "__main__":
    main()
