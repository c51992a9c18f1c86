"""What an engine sees goes into the ledger where it knows better."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from domain.errors import EngineUnavailable
from domain.fleet import ObservedFleet, ObservedPod, ObservedVolume
from domain.reservations import Reservation
from domain.states import InstanceState
from finops.ledger.live import (
    Difference,
    count_scheduled_pods,
    list_differences,
    record_classes,
    record_fleets,
    record_sizes,
)
from finops.ledger.reconcile import ensure_recorded
from finops.models import Interval
from operations.models import Operation
from tests.engines import FakeEngine
from tests.finops.cases import GIBIBYTE, MEBIBYTE
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()
DB, HTTPD = Reservation(250, 384 * MEBIBYTE), Reservation(1100, 1124 * MEBIBYTE)


def make_pod(name: str, component: str, **changes: object) -> ObservedPod:
    values = {"name": name, "node": "node1", "instance": "saint-paul", "component": component}
    return ObservedPod(**{**values, **changes})  # type: ignore[arg-type]


def make_run(minutes_ago: int, *, component: str = "cron", job: str = "civicron-1", seconds: int = 30) -> ObservedPod:
    start = NOW - timedelta(minutes=minutes_ago)
    return make_pod(
        f"{component}-{minutes_ago}", component, job=job, started_at=start, ended_at=start + timedelta(seconds=seconds)
    )


def make_fleet(*pods: ObservedPod, volumes: tuple[ObservedVolume, ...] = ()) -> ObservedFleet:
    return ObservedFleet(at=NOW, pods=pods, volumes=volumes)


def test_runs_of_schedules_are_counted_once_each() -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    asked = make_run(5, component="backup", job="backup-op-3f9a1c07be-2-1")
    running = make_pod("now", "cron", started_at=NOW)
    fleet = make_fleet(make_run(20), make_run(10), asked, running, make_run(7, component="backup", job="civibackup-1"))
    assert count_scheduled_pods("fake", fleet) == 3
    assert count_scheduled_pods("fake", fleet) == 0
    assert count_scheduled_pods("fake", make_fleet(make_run(10), make_run(1))) == 1
    totals: dict[str, int] = {}
    for row in Interval.objects.all():
        totals[row.component] = totals.get(row.component, 0) + row.runs
    assert totals == {"cron": 3, "backup": 1}


def test_runs_of_strangers_and_of_long_ago_are_not_ours() -> None:
    make_instance_row(state=InstanceState.ACTIVE, engine="other")
    assert count_scheduled_pods("fake", make_fleet(make_run(10))) == 0
    make_instance_row("sainte-marie", state=InstanceState.ACTIVE)
    old = make_pod("old", "cron", instance="sainte-marie", started_at=NOW - timedelta(days=9), ended_at=NOW)
    assert count_scheduled_pods("fake", make_fleet(old)) == 0


def test_a_volume_s_class_is_noted_by_its_claim() -> None:
    make_instance_row(state=InstanceState.SUSPENDED)
    ensure_recorded(now=NOW)
    volumes = tuple(
        ObservedVolume(name=claim, capacity_bytes=GIBIBYTE, instance="saint-paul", claim=claim, storage_class="fast")
        for claim in ("dbvolclaim", "files")
    )
    assert record_classes("fake", make_fleet(volumes=volumes)) == 2
    assert record_classes("fake", make_fleet(volumes=volumes)) == 0
    assert set(Interval.objects.filter(storage_class="fast").values_list("component", flat=True)) == {"db", "files"}


def test_the_ledger_is_compared_with_the_pods_that_are_there() -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    ensure_recorded(now=NOW)
    db, httpd = make_pod("db-0", "db", reserved=DB), make_pod("httpd-0", "httpd", reserved=HTTPD)
    assert list_differences("fake", make_fleet(db, httpd)) == []
    waiting = make_pod("httpd-0", "httpd", reserved=HTTPD, node=None)
    assert list_differences("fake", make_fleet(db, waiting)) == [Difference("saint-paul", "httpd", HTTPD, None)]
    stranger = make_pod("x", "db", instance="nobody", reserved=DB)
    assert list_differences("fake", make_fleet(db, httpd, stranger)) == [Difference("nobody", "db", None, DB)]


def test_sizes_that_are_really_there_are_written_as_seen() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    ensure_recorded(now=NOW)
    larger = Reservation(500, GIBIBYTE)
    fleet = make_fleet(make_pod("db-0", "db", reserved=larger), make_pod("httpd-0", "httpd", reserved=HTTPD))
    operation = Operation.objects.create(kind="resume", instance=instance, subject="saint-paul", lock="saint-paul")
    later = NOW + timedelta(minutes=5)
    assert record_sizes("fake", fleet, now=later) == 0, "an operation holds it"
    operation.delete()
    assert record_sizes("fake", fleet, now=later) == 1
    assert record_sizes("fake", fleet, now=later) == 0
    row = Interval.objects.get(resource="compute", component="db", end__isnull=True)
    assert (row.cpu_millicores, row.memory_bytes, row.source) == (*larger, "live")


def test_every_engine_is_looked_at_and_one_that_is_silent_stops_no_other(
    engine: FakeEngine, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CAPACITY_UNCHECKED_ENGINES = ["local"]
    make_instance_row(state=InstanceState.ACTIVE)
    ensure_recorded(now=NOW)
    engine.pods = (make_run(10), make_pod("db-0", "db", reserved=Reservation(1, 1)))
    assert "fake" in record_fleets(now=NOW + timedelta(minutes=1))
    assert not Interval.objects.filter(resource="run").exists(), "this engine runs no schedules of its own"
    assert Interval.objects.filter(source="live", component="db").exists()
    engine.runs_schedules = True
    record_fleets(now=NOW)
    assert Interval.objects.filter(resource="run").count() == 1

    def say_nothing() -> ObservedFleet:
        raise EngineUnavailable(instance="fake", detail="away")

    monkeypatch.setattr(engine, "observe_fleet", say_nothing)
    assert "fake" not in record_fleets(now=NOW)
