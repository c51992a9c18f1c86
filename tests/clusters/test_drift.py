"""What is there is compared with what should be; nothing is changed by it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from clusters.documents import make_drift_document
from clusters.drift import (
    LEFT_HOURS,
    SHOWN_DIFFERENCES,
    list_held,
    list_leftovers,
    look_for_drift,
    make_spec,
    observe_drift,
    store_drift,
)
from clusters.models import ClusterReport
from domain.finding_texts import render_finding
from domain.findings import Drift, Level
from domain.fleet import Ending, ObservedFleet, ObservedPod, ObservedVolume
from domain.room import ObservedRoom
from domain.specs import ALL_COMPONENTS, ObservedInstance
from domain.states import InstanceState, OperationKind
from operations.requests import request_operation
from tenants.models import Instance
from tests.clusters.samples import make_cluster_row, make_kubeconfig
from tests.engines import FakeEngine
from tests.rows import make_instance_row

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=LEFT_HOURS + 1)
IMAGE = Drift(object="StatefulSet/paroisse-set-db", path="spec.image", wanted='"db:2"', found='"db:1"')


def _make_active(fake: FakeEngine, slug: str = "saint-paul", state: InstanceState = InstanceState.ACTIVE) -> None:
    make_instance_row(slug, state=state, engine="strasbourg")
    fake.set_up(slug, running=ALL_COMPONENTS)


@pytest.mark.django_db
def test_differences_are_told_and_kept(fake: FakeEngine) -> None:
    cluster = make_cluster_row()
    _make_active(fake)
    _make_active(fake, "saint-jean")
    fake.drift = {"saint-paul": (IMAGE,)}
    report = look_for_drift(cluster, now=NOW)
    assert (report.level, report.looked_at, dict(report.instances)) == (Level.WARNING, 2, {"saint-paul": (IMAGE,)})
    kept = ClusterReport.objects.get(kind="drift")
    assert (kept.level, kept.at, kept.document["drifted"]) == ("warning", NOW, 1)
    assert kept.document["instances"][0]["differences"][0]["path"] == "spec.image"
    assert fake.list_effects("saint-paul") == []


@pytest.mark.django_db
def test_a_whole_cluster_is_in_order(fake: FakeEngine) -> None:
    cluster = make_cluster_row()
    _make_active(fake)
    make_instance_row("saint-jean", engine="strasbourg")  # new: nothing should be there
    report = look_for_drift(cluster, now=NOW)
    assert (report.level, report.looked_at, report.findings) == (Level.OK, 1, ())


@pytest.mark.django_db
def test_an_instance_that_is_gone_is_critical(fake: FakeEngine) -> None:
    cluster = make_cluster_row()
    make_instance_row(state=InstanceState.ACTIVE, engine="strasbourg")
    report = look_for_drift(cluster, now=NOW)
    assert [finding.code for finding in report.findings] == ["instance_missing"] and report.level is Level.CRITICAL
    assert fake.list_calls("saint-paul") == []


@pytest.mark.django_db
def test_what_an_operation_holds_is_not_judged(fake: FakeEngine) -> None:
    cluster = make_cluster_row()
    _make_active(fake)
    fake.drift = {"saint-paul": (IMAGE,)}
    request_operation(kind=OperationKind.BACKUP, instance=Instance.objects.get(), requested_by="tests")
    report = look_for_drift(cluster, now=NOW)
    assert (report.busy, dict(report.instances), report.level) == (("saint-paul",), {}, Level.OK)
    assert list_held() == {"saint-paul"}


@pytest.mark.django_db
def test_a_place_that_does_not_answer_is_a_finding() -> None:
    make_cluster_row(kubeconfig=make_kubeconfig(server="https://127.0.0.1:1"))
    report = observe_drift("nowhere", now=NOW)
    assert [finding.code for finding in report.findings] == ["api_unreachable"] and report.level is Level.CRITICAL


@pytest.mark.django_db
def test_one_instance_alone_is_compared(fake: FakeEngine) -> None:
    make_cluster_row()
    _make_active(fake)
    _make_active(fake, "saint-jean")
    fake.set_up("stranger")
    fake.drift = {"saint-paul": (IMAGE,), "saint-jean": (IMAGE,)}
    report = observe_drift("strasbourg", now=NOW, only=Instance.objects.get(identifier="saint-jean"))
    assert (list(report.instances), report.findings, report.looked_at) == (["saint-jean"], (), 1)


@pytest.mark.django_db
def test_a_suspended_instance_should_run_nothing(fake: FakeEngine) -> None:
    make_cluster_row()
    _make_active(fake, state=InstanceState.SUSPENDED)
    assert make_spec(Instance.objects.get(), fake.observe_fleet()).components == frozenset()


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow(fake: FakeEngine) -> None:
    cluster = make_cluster_row()
    counts = []
    for number in range(2):
        for serial in range(3):
            _make_active(fake, f"parish-{number}-{serial}")
        look_for_drift(cluster, now=NOW)  # makes the secrets, once
        with CaptureQueriesContext(connection) as queries:
            look_for_drift(cluster, now=NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def _make_fleet(**content: object) -> ObservedFleet:
    return ObservedFleet(at=NOW, **content)  # type: ignore[arg-type]


def test_what_nobody_owns_is_listed() -> None:
    instances = {
        name: ObservedInstance(identifier=name, exists=True, manager=manager)
        for name, manager in (("saint-paul", "us"), ("saint-jean", "us"), ("lost", "us"), ("stranger", "them"))
    }
    volumes = (
        ObservedVolume(name="pv-1", capacity_bytes=1, instance="saint-jean", claim="dbvolclaim", is_bound=False),
        ObservedVolume(name="pv-2", capacity_bytes=1, instance="saint-paul", claim="dbvolclaim"),
        ObservedVolume(name="pv-3", capacity_bytes=1, is_bound=False),
    )
    fleet = _make_fleet(instances=instances, volumes=volumes, manager="us")
    states = {"saint-paul": "active", "saint-jean": "deleted"}
    found = list(list_leftovers(fleet, states, cluster="alsace", held=(), now=NOW))
    assert [(one.code, one.params["name"]) for one in found] == [
        ("namespace_forgotten", "lost"),
        ("namespace_left", "saint-jean"),
        ("namespace_unknown", "stranger"),
        ("volume_released", "pv-1"),
    ]
    held = list_leftovers(fleet, states, cluster="alsace", held=("saint-jean",), now=NOW)
    assert [one.code for one in held] == ["namespace_forgotten", "namespace_unknown"]


def test_what_is_on_its_way_out_is_told_as_that_and_late_as_held() -> None:
    instances = {
        name: ObservedInstance(identifier=name, exists=True, manager="us") for name in ("lost", "saint-jean", "held")
    }
    endings = dict.fromkeys(("lost", "saint-jean"), Ending(since=NOW - timedelta(minutes=2), detail="being deleted"))
    endings["held"] = Ending(since=NOW - timedelta(hours=1), detail="a finalizer")
    moments = {"young": NOW - timedelta(minutes=1), "old": NOW - timedelta(hours=1), "unknown": None}
    volumes = [
        ObservedVolume(
            name=f"{policy}-{name}", capacity_bytes=1, instance="lost", claim="dbvolclaim", is_bound=False,
            reclaim_policy=policy, released_at=at,
        )
        for policy in ("Delete", "Retain")
        for name, at in moments.items()
    ]  # fmt: skip
    fleet = _make_fleet(instances=instances, endings=endings, volumes=tuple(volumes), manager="us")
    found = list(list_leftovers(fleet, {"saint-jean": "deleted"}, cluster="alsace", held=(), now=NOW))
    assert [(one.code, one.level, one.params["name"]) for one in found[:3]] == [
        ("namespace_held", Level.WARNING, "held"),
        ("namespace_going", Level.OK, "lost"),
        ("namespace_going", Level.OK, "saint-jean"),
    ]
    left = [one.params["name"] for one in found[3:]]
    assert left == ["Delete-old", "Delete-unknown", "Retain-young", "Retain-old", "Retain-unknown"]
    for finding in found[:3]:
        assert "stray_remove" not in render_finding(finding.code, finding.params)[1]


@pytest.mark.django_db
def test_an_instance_whose_namespace_somebody_is_deleting_is_critical(fake: FakeEngine) -> None:
    cluster = make_cluster_row()
    _make_active(fake)
    fake.endings["saint-paul"] = Ending(since=NOW, detail="being deleted")
    report = look_for_drift(cluster, now=NOW)
    assert [(one.code, one.level) for one in report.findings] == [("instance_ending", Level.CRITICAL)]
    assert report.looked_at == 0


@pytest.mark.parametrize(
    ("component", "started", "ended", "is_left"),
    [
        ("init", LONG_AGO, LONG_AGO, True),
        ("init", LONG_AGO, NOW, False),
        ("restore", LONG_AGO, None, True),
        ("restore", NOW, None, False),
        ("verify", None, None, False),
        ("backup", LONG_AGO, LONG_AGO, False),
        ("cron", LONG_AGO, None, True),
    ],
)
def test_a_run_is_left_when_it_should_be_gone(
    component: str, started: datetime | None, ended: datetime | None, is_left: bool
) -> None:
    pod = ObservedPod(
        name="saint-paul/x",
        instance="saint-paul",
        component=component,
        job="run-1",
        started_at=started,
        ended_at=ended,
    )
    other = ObservedPod(name="elsewhere/x", started_at=LONG_AGO)
    server = ObservedPod(name="saint-paul/db", instance="saint-paul", component="db", started_at=LONG_AGO)
    fleet = _make_fleet(pods=(pod, pod, other, server))
    found = list(list_leftovers(fleet, {"saint-paul": "active"}, cluster="alsace", held=(), now=NOW))
    assert [one.code for one in found] == (["job_left"] if is_left else [])


@pytest.mark.django_db
def test_a_long_report_is_cut_and_its_counts_are_not(fake: FakeEngine) -> None:
    cluster = make_cluster_row()
    _make_active(fake)
    fake.drift = {"saint-paul": (IMAGE,) * (SHOWN_DIFFERENCES + 5)}
    report = look_for_drift(cluster, now=NOW)
    with translation.override("en"):
        shown = make_drift_document("strasbourg", report.level.value, report.at, store_drift(report))
    row = shown["instances"][0]
    assert (row["count"], len(row["differences"])) == (SHOWN_DIFFERENCES + 5, SHOWN_DIFFERENCES)
    assert shown["observed_at"] == "2026-11-21T08:00:00+00:00" and shown["cluster"] == "strasbourg"


@pytest.mark.django_db
def test_a_database_that_takes_no_row_is_told_though_nothing_differs(fake: FakeEngine) -> None:
    cluster = make_cluster_row()
    _make_active(fake)
    fake.rooms["saint-paul"] = ObservedRoom(at=NOW, percents={"db": 100}, write_error="The table is full")
    report = look_for_drift(cluster, now=NOW)
    assert report.level is Level.CRITICAL and not report.instances
    assert [finding.code for finding in report.findings] == ["database_takes_no_rows", "volume_full"]
