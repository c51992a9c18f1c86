"""Repairs and renewals are ordinary operations, a few at a time, never twice a day for the same instance."""

from datetime import UTC, datetime, timedelta

import pytest

from clusters.drift import look_for_drift
from clusters.models import ClusterReport
from clusters.repair import (
    DRIFT_REQUESTER,
    RENEWAL_REQUESTER,
    RENEWALS_AT_ONCE,
    look_and_repair,
    renew_certificates,
    request_repairs,
)
from domain.findings import Drift
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from tests.clusters.samples import make_cluster_row
from tests.engines import FakeEngine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
DRIFT = (Drift(object="Service/civicrmdb", wanted='"present"'),)
SLUGS = ("parish-1", "parish-2", "parish-3", "parish-4", "parish-5")


def _make_instances(fake: FakeEngine, *slugs: str, state: InstanceState = InstanceState.ACTIVE) -> None:
    for slug in slugs:
        make_instance_row(slug, state=state, engine="strasbourg")
        fake.set_up(slug, running=ALL_COMPONENTS)


def _end_all(when: datetime | None = None) -> None:
    """End what was asked, as workers would have; `when`: it was asked then."""
    for operation in Operation.objects.filter(lock__isnull=False):
        operation.lock, operation.state = None, OperationState.SUCCEEDED.value
        operation.save()
        operation.instance.state = InstanceState.ACTIVE.value
        operation.instance.save()
    if when is not None:
        Operation.objects.update(created_at=when)


def test_a_report_repairs_nothing_by_itself(fake: FakeEngine) -> None:
    make_cluster_row()
    _make_instances(fake, "parish-1")
    fake.drift = {"parish-1": DRIFT}
    assert look_and_repair(now=NOW) == [] and not Operation.objects.exists()
    assert ClusterReport.objects.get().level == "warning"


def test_a_cluster_that_is_set_so_is_repaired_a_few_at_a_time(fake: FakeEngine) -> None:
    make_cluster_row(repair_policy="repair", repair_at_most=2)
    _make_instances(fake, *SLUGS)
    fake.drift = dict.fromkeys(SLUGS, DRIFT)
    assert look_and_repair(now=NOW) == ["parish-1", "parish-2"]
    kinds = {(row.kind, row.requested_by) for row in Operation.objects.all()}
    assert kinds == {(OperationKind.RESUME.value, DRIFT_REQUESTER)}
    assert look_and_repair(now=NOW) == [], "the two have not ended"
    _end_all()
    assert look_and_repair(now=NOW) == ["parish-3", "parish-4"], "what was repaired today is left alone"
    _end_all(when=NOW - timedelta(days=2))
    assert look_and_repair(now=NOW) == ["parish-1", "parish-2"]


def test_only_active_instances_are_repaired(fake: FakeEngine) -> None:
    cluster = make_cluster_row()
    _make_instances(fake, "parish-1", state=InstanceState.SUSPENDED)
    _make_instances(fake, "parish-2")
    fake.drift = dict.fromkeys(SLUGS, DRIFT)
    report = look_for_drift(cluster, now=NOW)
    assert set(report.instances) == {"parish-1", "parish-2"}
    assert request_repairs(report, at_most=9, requested_by="cli:jeanne", now=NOW) == ["parish-2"]
    _end_all()
    again = request_repairs(report, at_most=9, requested_by="cli:jeanne", now=NOW)
    assert again == ["parish-2"], "a person may insist"


def test_one_cluster_that_does_not_answer_stops_no_other(fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    make_cluster_row("albi", repair_policy="repair")
    make_cluster_row(repair_policy="repair")
    _make_instances(fake, "parish-1")
    fake.drift = {"parish-1": DRIFT}
    from domain.errors import EngineUnavailable
    from engine import registry

    def resolve(name: str) -> FakeEngine:
        if name == "albi":
            raise EngineUnavailable(instance=name, detail="told to be away")
        return fake

    monkeypatch.setattr(registry, "_resolvers", [(resolve, lambda: ("albi", "strasbourg"))])
    assert look_and_repair(now=NOW) == ["parish-1"]
    assert ClusterReport.objects.get(cluster__name="albi").level == "critical"
    fake.expiries = {"parish-1": {"db": NOW}}
    _end_all()
    assert renew_certificates(now=NOW) == ["parish-1"]


def test_certificates_are_renewed_in_time_the_first_to_expire_first(fake: FakeEngine) -> None:
    make_cluster_row()
    _make_instances(fake, *SLUGS)
    day = timedelta(days=1)
    later = {"ca": NOW + 3000 * day, "db": NOW + 300 * day, "httpd": NOW + 300 * day}
    fake.expiries = {
        "parish-1": {**later, "db": NOW + 29 * day},
        "parish-2": {**later, "httpd": NOW - day},
        "parish-3": {**later, "db": NOW + 31 * day},
        "parish-4": {**later, "ca": NOW + day},
        "parish-5": {},
    }
    assert renew_certificates(now=NOW) == ["parish-2", "parish-1"]
    rows = Operation.objects.all()
    assert {(row.kind, row.requested_by) for row in rows} == {(OperationKind.RESUME.value, RENEWAL_REQUESTER)}
    _end_all()
    assert renew_certificates(now=NOW) == [], "never twice a day"
    _end_all(when=NOW - timedelta(days=2))
    assert len(renew_certificates(now=NOW)) == 2


def test_renewals_are_a_few_at_a_time(fake: FakeEngine) -> None:
    make_cluster_row()
    _make_instances(fake, *SLUGS)
    fake.expiries = {slug: {"db": NOW} for slug in SLUGS}
    assert len(renew_certificates(now=NOW)) == RENEWALS_AT_ONCE
    assert renew_certificates(now=NOW) == []
