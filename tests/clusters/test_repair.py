"""Repairs and renewals are ordinary operations, a few at a time, never twice a day for the same instance."""

from datetime import UTC, datetime, timedelta

import pytest

from clusters.drift import look_for_drift
from clusters.models import ClusterReport
from clusters.repair import (
    DRIFT_REQUESTER,
    look_and_repair,
    request_repairs,
    request_resumes,
)
from domain.errors import EngineUnavailable
from domain.findings import Drift
from domain.states import InstanceState, OperationKind
from engine import registry
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance
from tests.clusters.samples import end_all, make_cluster_row, make_instances
from tests.engines import FakeEngine

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
DRIFT = (Drift(object="Service/civicrmdb", wanted='"present"'),)
SLUGS = ("parish-1", "parish-2", "parish-3", "parish-4", "parish-5")


def test_a_report_repairs_nothing_by_itself(fake: FakeEngine) -> None:
    make_cluster_row()
    make_instances(fake, "parish-1")
    fake.drift = {"parish-1": DRIFT}
    assert look_and_repair(now=NOW) == [] and not Operation.objects.exists()
    assert ClusterReport.objects.get().level == "warning"


def test_a_cluster_that_is_set_so_is_repaired_a_few_at_a_time(fake: FakeEngine) -> None:
    make_cluster_row(repair_policy="repair", repair_at_most=2)
    make_instances(fake, *SLUGS)
    fake.drift = dict.fromkeys(SLUGS, DRIFT)
    assert look_and_repair(now=NOW) == ["parish-1", "parish-2"]
    kinds = {(row.kind, row.requested_by) for row in Operation.objects.all()}
    assert kinds == {(OperationKind.RESUME, DRIFT_REQUESTER)}
    assert look_and_repair(now=NOW) == [], "the two have not ended"
    end_all()
    assert look_and_repair(now=NOW) == ["parish-3", "parish-4"], "what was repaired today is left alone"
    end_all(when=NOW - timedelta(days=2))
    assert look_and_repair(now=NOW) == ["parish-1", "parish-2"]


def test_only_active_instances_are_repaired(fake: FakeEngine) -> None:
    cluster = make_cluster_row()
    make_instances(fake, "parish-1", state=InstanceState.SUSPENDED)
    make_instances(fake, "parish-2")
    fake.drift = dict.fromkeys(SLUGS, DRIFT)
    report = look_for_drift(cluster, now=NOW)
    assert set(report.instances) == {"parish-1", "parish-2"}
    assert request_repairs(report, at_most=9, requested_by="cli:jeanne", now=NOW) == ["parish-2"]
    end_all()
    again = request_repairs(report, at_most=9, requested_by="cli:jeanne", now=NOW)
    assert again == ["parish-2"], "a person may insist"


def test_one_cluster_that_does_not_answer_stops_no_other(fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    make_cluster_row("albi", repair_policy="repair")
    make_cluster_row(repair_policy="repair")
    make_instances(fake, "parish-1")
    fake.drift = {"parish-1": DRIFT}

    def resolve(name: str) -> FakeEngine:
        if name == "albi":
            raise EngineUnavailable(instance=name, detail="told to be away")
        return fake

    monkeypatch.setattr(registry, "_resolvers", [(resolve, lambda: ("albi", "strasbourg"))])
    assert look_and_repair(now=NOW) == ["parish-1"]
    assert ClusterReport.objects.get(cluster__name="albi").level == "critical"


def test_those_named_first_come_first(fake: FakeEngine) -> None:
    make_cluster_row()
    make_instances(fake, *SLUGS)
    asked = request_resumes(
        "strasbourg", ["parish-4", "nobody", "parish-2"], at_most=9, requested_by="tests", now=NOW, pause=None
    )
    assert asked == ["parish-4", "parish-2"]


def test_resumes_that_others_asked_for_count_too(fake: FakeEngine) -> None:
    make_cluster_row()
    make_instances(fake, *SLUGS)
    for slug in SLUGS[:2]:
        row = Instance.objects.get(identifier=slug)
        request_operation(kind=OperationKind.RESUME, instance=row, requested_by="cli:jeanne")
    asked = request_resumes("strasbourg", SLUGS, at_most=3, requested_by="tests", now=NOW, pause=None)
    assert asked == ["parish-3"]
