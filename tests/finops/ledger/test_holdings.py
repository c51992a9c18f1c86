"""The ledger summed up: every interval clipped to the time asked for."""

from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finops.ledger.holdings import list_dated_holdings, list_holdings
from finops.models import Interval

pytestmark = pytest.mark.django_db


def hold(start: int, end: int | None, **changes: object) -> Interval:
    """Write one interval."""
    number = Interval.objects.count()
    values = {
        "instance": "a",
        "tenant": "a",
        "engine": "fake",
        "resource": "compute",
        "component": "db",
        "cpu_millicores": 100,
        "source": "spec",
        "open_key": f"k{number}" if end is None else None,
        "start": start,
        "end": end,
    }
    return Interval.objects.create(**{**values, **changes})


def sum_seconds(start: int, end: int, **options: int) -> int:
    return sum(use.seconds for use in list_holdings(start, end, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        (0, 1000, 0),
        (900, 1000, 0),
        (2000, 2500, 0),
        (1500, 1600, 100),
        (500, 1500, 500),
        (1500, 9999, 500),
        (0, 9999, 1000),
    ],
)
def test_an_interval_counts_as_far_as_it_is_inside(start: int, end: int, seconds: int) -> None:
    hold(1000, 2000)
    assert sum_seconds(start, end) == seconds


def test_what_is_still_held_counts_up_to_the_present() -> None:
    hold(1000, None)
    assert sum_seconds(0, 5000) == 4000
    assert sum_seconds(0, 5000, until=3000) == 2000
    assert sum_seconds(0, 5000, until=500) == 0


def test_a_job_is_clipped_and_a_tally_counts_evenly_until_its_last_run() -> None:
    hold(900, 1100, resource="run", component="init", run="init-1")
    hold(1000, 87_400, resource="run", component="cron", run="x", held_seconds=77)
    hold(1000, 87_400, resource="run", component="backup", run="y", held_seconds=50, counted_until=1500)
    assert {use.component: use.seconds for use in list_holdings(0, 1000)} == {"init": 100}
    assert {use.component: use.seconds for use in list_holdings(1000, 2000)} == {"init": 100, "cron": 0, "backup": 50}
    assert {use.component: use.seconds for use in list_holdings(0, 44_200)}["cron"] == 38
    assert {use.component: use.seconds for use in list_holdings(0, 87_400)}["cron"] == 77
    assert list_holdings(1100, 2000, until=1100) == []


def test_the_parts_of_a_tally_are_the_whole() -> None:
    hold(1000, 87_400, resource="run", component="cron", run="x", held_seconds=7919)
    cuts = [0, 1001, 30_000, 30_001, 65_432, 90_000]
    assert sum(sum_seconds(*times) for times in pairwise(cuts)) == 7919


def test_times_are_told_of_what_is_asked_for() -> None:
    hold(1000, None)
    hold(0, 1200, resource="storage", component="files")
    hold(1100, 1200, resource="backup", component="set")
    hold(900, 1100, resource="run", component="init", run="init-1")
    hold(1000, 87_400, resource="run", component="cron", run="x", held_seconds=86_400)

    def look(*resources: str) -> list[tuple[str, int | None, int | None, int]]:
        found = list_dated_holdings(1050, 2000, resources)
        return sorted((held.component, held.start, held.end, held.seconds) for held in found)

    servers = [("db", 1050, 2000, 950)]
    assert look("compute") == servers
    assert look("compute", "storage") == [*servers, ("files", 1050, 1200, 150)]
    assert look("run") == [("cron", 1050, 2000, 950), ("init", 1050, 1100, 50)]
    assert look() == []


def test_alike_intervals_are_one_use_and_others_are_not() -> None:
    hold(0, 100)
    hold(100, 300)
    hold(300, 400, cpu_millicores=200)
    hold(0, 50, tenant="b", instance="b")
    found = list_holdings(0, 1000)
    assert sorted((use.tenant, use.cpu_millicores, use.seconds) for use in found) == [
        ("a", 100, 300),
        ("a", 200, 100),
        ("b", 100, 50),
    ]
    assert sum(use.seconds for use in list_holdings(0, 1000, tenant="b")) == 50


@pytest.mark.parametrize("resource", ["storage", "backup"])
def test_large_amounts_stay_exact_and_there_are_five_queries(resource: str) -> None:
    for number in range(20):
        hold(0, 2_700_000, component=f"v{number}", resource=resource, storage_bytes=2**50 + 1)
    with CaptureQueriesContext(connection) as queries:
        found = list_holdings(0, 2_700_000)
    assert len(queries) == 5
    assert sum(use.storage_bytes * use.seconds for use in found) == 20 * (2**50 + 1) * 2_700_000


def test_backups_of_an_instance_are_one_use_in_byte_seconds() -> None:
    hold(0, 10, resource="backup", component="x", storage_bytes=3 * 2**20 + 7)
    hold(5, None, resource="backup", component="y", storage_bytes=1)
    (use,) = list_holdings(0, 20)
    assert (use.component, use.storage_bytes, use.seconds) == ("", 10 * (3 * 2**20 + 7) + 15, 1)
