"""Use is sampled without losing or counting anything twice, a day's figures are final, and no data stays no data."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domain.errors import EngineUnavailable
from domain.fleet import UsageSample
from domain.states import InstanceState
from finops.usage.measured import KEPT_DAYS, close_days, list_evidence, list_means, record_usage, store_samples
from finops.usage_models import UsageDay
from tests.builders import MEBIBYTE
from tests.engines import FakeEngine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 11, tzinfo=UTC)
TODAY = date(2026, 11, 25)


def make_sample(
    at: datetime = NOON, *, instance: str = "saint-paul", container: str = "db", cpu: int = 100, mebibytes: int = 300
) -> UsageSample:
    return UsageSample(
        instance=instance, container=container, at=at, cpu_millicores=cpu, memory_bytes=mebibytes * MEBIBYTE
    )


def test_every_engine_with_instances_is_sampled(engine: FakeEngine) -> None:
    make_instance_row()
    engine.usage = (make_sample(), make_sample(container="httpd"))
    assert record_usage(now=NOON) == 2
    assert record_usage(now=NOON) == 0, "the source had nothing newer"
    assert set(UsageDay.objects.values_list("container", "points")) == {("db", 1), ("httpd", 1)}


def test_an_engine_that_does_not_answer_leaves_a_gap(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_instance_row()

    def refuse() -> None:
        raise EngineUnavailable(instance="", detail="metrics.k8s.io does not answer")

    monkeypatch.setattr(engine, "observe_usage", refuse)
    assert record_usage(now=NOON) == 0
    assert not UsageDay.objects.exists()
    assert "metrics.k8s.io" in caplog.text


def test_deleted_instances_do_not_wake_an_engine(engine: FakeEngine) -> None:
    make_instance_row(state=InstanceState.DELETED)
    engine.usage = (make_sample(),)
    assert record_usage(now=NOON) == 0


def test_two_pods_with_the_same_container_are_two_samples() -> None:
    assert store_samples([make_sample(cpu=10), make_sample(cpu=20), make_sample(cpu=20)]) == 2


def test_samples_belong_to_the_day_in_paris() -> None:
    before, after = datetime(2026, 11, 24, 22, 59, tzinfo=UTC), datetime(2026, 11, 24, 23, 1, tzinfo=UTC)
    store_samples([make_sample(before), make_sample(after)])
    assert set(UsageDay.objects.values_list("day", "points")) == {(TODAY - timedelta(days=1), 1), (TODAY, 1)}


def test_a_day_that_has_ended_is_exact_final_and_small() -> None:
    start = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    for number in range(100):
        store_samples([make_sample(start + timedelta(minutes=5 * number), cpu=number + 1, mebibytes=number + 1)])
    midnight = datetime(2026, 11, 24, 23, tzinfo=UTC)
    assert close_days(now=midnight + timedelta(minutes=59)) == 0, "a late sample may still come"
    assert close_days(now=midnight + timedelta(minutes=61)) == 1
    row = UsageDay.objects.get()
    assert (row.cpu_p50, row.cpu_p95, row.cpu_max, row.points) == (50, 95, 100, 100)
    assert (row.memory_p95, row.memory_max) == (95 * MEBIBYTE, 100 * MEBIBYTE)
    assert bytes(row.samples) == b"" and row.is_closed
    assert store_samples([make_sample(start, cpu=9999)]) == 0, "final"


def test_what_is_too_old_goes() -> None:
    store_samples([make_sample(NOON - timedelta(days=KEPT_DAYS + 2)), make_sample()])
    close_days(now=NOON)
    assert list(UsageDay.objects.values_list("day", flat=True)) == [TODAY]


def test_evidence_is_the_worst_of_closed_days_and_of_today() -> None:
    for days, cpu in ((2, 50), (1, 90), (0, 70)):
        store_samples([make_sample(NOON - timedelta(days=days), cpu=cpu, mebibytes=cpu)])
    close_days(now=NOON)
    found = list_evidence(first=TODAY - timedelta(days=14), last=TODAY)["saint-paul"]["db"]
    assert (found.cpu_p95, found.memory_peak, found.points, found.days) == (90, 90 * MEBIBYTE, 3, 3)
    assert (found.first_day, found.last_day) == (TODAY - timedelta(days=2), TODAY)
    assert list_evidence(first=TODAY, last=TODAY)["saint-paul"]["db"].cpu_peak == 70
    assert list_evidence(first=TODAY, last=TODAY, instance="sainte-marie") == {}


def test_means_weigh_every_sample_alike_and_know_no_unmeasured_container() -> None:
    store_samples([make_sample(NOON - timedelta(days=1), cpu=10), make_sample(cpu=40)])
    store_samples([make_sample(NOON + timedelta(minutes=5), cpu=70)])
    close_days(now=NOON)
    found = list_means(first=TODAY - timedelta(days=1), last=TODAY)
    assert found["saint-paul"]["db"].cpu_millicores == Decimal(40)
    assert set(found["saint-paul"]) == {"db"}


def test_a_look_at_many_instances_takes_as_many_queries_as_at_few() -> None:
    def count(instances: int, at: datetime) -> int:
        samples = [make_sample(at, instance=f"parish-{number}") for number in range(instances)]
        with CaptureQueriesContext(connection) as queries:
            store_samples(samples)
        return len(queries)

    assert count(3, NOON) == count(60, NOON + timedelta(days=1))
