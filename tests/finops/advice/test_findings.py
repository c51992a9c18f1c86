"""Findings of the real fleet with what they cost, from rows, ledger and engines."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backups.models import BackupState
from domain.errors import EngineUnavailable
from domain.fleet import ObservedVolume, RemovableKind
from domain.states import InstanceState, OperationKind
from finops.advice.documents import WasteSerializer
from finops.advice.findings import list_findings, may_be_saved
from finops.advice.waste import Finding, Waste
from finops.calendar import PARIS
from finops.pages.savings_view import make_finding_rows
from finops.usage.idleness import IdleSince
from operations.models import Operation
from operations.registry import get_kind
from tenants.models import Activity, Instance
from tests.backups.rows import make_backup_row
from tests.builders import GIBIBYTE
from tests.engines import FakeEngine
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
BEGUN = datetime(2025, 1, 1, tzinfo=PARIS)


def suspend(slug: str, *, ended_at: datetime) -> None:
    instance = make_recorded(slug, since=BEGUN, state=InstanceState.SUSPENDED)
    Operation.objects.create(
        kind="suspend", instance=instance, subject=slug, requested_by="jeanne", state="succeeded", ended_at=ended_at
    )


def test_an_instance_suspended_for_long_costs_its_volumes(engine: FakeEngine) -> None:
    assert engine.observe_fleet().volumes == ()
    make_sheet()
    suspend("saint-paul", ended_at=NOW - timedelta(days=61))
    suspend("sainte-marie", ended_at=NOW - timedelta(days=5))
    (found,) = list_findings(now=NOW)
    # Five GiB at 0.04 a month.
    assert (found.waste.finding, found.waste.name, found.cost) == (
        Finding.SUSPENDED_LONG,
        "saint-paul",
        Decimal("0.20"),
    )
    document = WasteSerializer(found).data
    assert (document["answer"], document["cost"], document["currency"]) == ("delete", "0.20", "EUR")


@pytest.mark.parametrize("kind", ["backup", "prune", "resize", "upgrade"])
def test_what_leaves_an_instance_suspended_does_not_restart_its_days(kind: str, engine: FakeEngine) -> None:  # noqa: ARG001
    suspend("saint-paul", ended_at=NOW - timedelta(days=61))
    instance = Instance.objects.get(identifier="saint-paul")
    Operation.objects.create(
        kind=kind, instance=instance, subject="saint-paul", requested_by="jeanne", state="succeeded", ended_at=NOW
    )
    (found,) = list_findings(now=NOW)
    assert found.waste.since == NOW - timedelta(days=61)


def test_released_volumes_cost_by_their_class_and_the_dearest_comes_first(engine: FakeEngine) -> None:
    make_sheet()
    engine.volumes = (
        ObservedVolume(name="small", capacity_bytes=GIBIBYTE, is_bound=False),
        ObservedVolume(name="large", capacity_bytes=100 * GIBIBYTE, is_bound=False),
    )
    assert [(one.waste.name, one.cost) for one in list_findings(now=NOW)] == [
        ("large", Decimal("4.00")),
        ("small", Decimal("0.04")),
    ]


def test_without_prices_the_cost_is_not_known_and_the_finding_stays(engine: FakeEngine) -> None:
    engine.volumes = (ObservedVolume(name="small", capacity_bytes=GIBIBYTE, is_bound=False),)
    (found,) = list_findings(now=NOW)
    assert found.cost is None and WasteSerializer(found).data["cost"] is None


def test_an_engine_that_does_not_answer_hides_no_other_finding(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise EngineUnavailable(instance="", detail="no answer")

    monkeypatch.setattr(engine, "observe_fleet", refuse)
    suspend("saint-paul", ended_at=NOW - timedelta(days=61))
    assert [one.waste.finding for one in list_findings(now=NOW)] == [Finding.SUSPENDED_LONG]


def test_an_idle_instance_tells_what_that_is_concluded_from(engine: FakeEngine) -> None:  # noqa: ARG001
    make_sheet()
    instance = make_recorded("saint-paul", since=BEGUN)
    seen = {"logins_looked_at": NOW - timedelta(days=1), "visits_looked_at": NOW - timedelta(days=1)}
    Activity.objects.create(instance=instance, login_at=NOW - timedelta(days=100), **seen)
    (found,) = list_findings(now=NOW)
    document = WasteSerializer(found).data
    assert (document["finding"], document["answer"]) == ("idle", "suspend")
    assert datetime.fromisoformat(document["login_at"]) == NOW - timedelta(days=100)
    assert document["visited_at"] is None and document["since"] == document["login_at"]
    Activity.objects.update(visits_counted_since=NOW - timedelta(days=95))
    (found,) = list_findings(now=NOW)
    assert found.waste.since == found.waste.quiet.visits == NOW - timedelta(days=95)
    Operation.objects.create(
        kind="resume", instance=instance, subject="saint-paul", requested_by="jeanne", state="succeeded",
        ended_at=NOW - timedelta(days=3),
    )  # fmt: skip
    assert list_findings(now=NOW) == (), "it was resumed three days ago"


def test_an_upgrade_or_a_backup_is_no_sign_of_life(engine: FakeEngine) -> None:  # noqa: ARG001
    instance = make_recorded("saint-paul", since=BEGUN)
    Activity.objects.create(instance=instance, logins_looked_at=NOW)
    for kind in ("backup", "upgrade", "resize", "restore"):
        Operation.objects.create(
            kind=kind, instance=instance, subject="saint-paul", requested_by="jeanne", state="succeeded", ended_at=NOW
        )
    (found,) = list_findings(now=NOW)
    assert found.waste.quiet == IdleSince(logins=BEGUN), "nobody ever logged in"


def test_old_backups_are_what_a_pruning_removes(engine: FakeEngine) -> None:  # noqa: ARG001
    make_sheet()
    paul = make_recorded("saint-paul", since=BEGUN)
    for days in (600, 500, 450):
        make_backup_row(paul, stored_bytes=10 * GIBIBYTE, hours_ago=24 * days)
    make_backup_row(paul, stored_bytes=10 * GIBIBYTE, hours_ago=24 * 700, state=BackupState.DELETED)
    now = timezone.now()
    (found,) = [one for one in list_findings(now=now) if one.waste.finding is Finding.OLD_BACKUPS]
    assert (found.waste.count, found.waste.backup_bytes, found.waste.answer) == (
        2,
        20 * GIBIBYTE,
        OperationKind.PRUNE,
    )
    assert len(get_kind("prune").check(paul, {"confirm": "saint-paul", "older_than_days": 400})["backup_ids"]) == 2
    (row,) = make_finding_rows([found], may_ask=True)
    assert row["answer_link"].endswith("/prune/?older_than_days=400")


def test_as_many_queries_for_many_as_for_few(engine: FakeEngine) -> None:  # noqa: ARG001
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            list_findings(now=NOW)
        return len(queries)

    make_recorded("saint-paul", since=BEGUN)
    few = count()
    for number in range(5):
        make_recorded(f"parish-{number}", since=BEGUN)
    assert count() == few


def test_a_volume_that_a_parish_left_is_removed_from_here_and_one_that_nobody_knows_is_not(engine: FakeEngine) -> None:
    make_recorded("saint-paul", since=BEGUN, state=InstanceState.DELETED)
    make_recorded("sainte-marie", since=BEGUN)
    kept = {"capacity_bytes": 1, "is_bound": False, "reclaim_policy": "Retain", "claim": "dbvolclaim"}
    made = BEGUN + timedelta(days=1)
    engine.volumes = (
        ObservedVolume(name="pv-1", instance="sainte-marie", created_at=made, **kept),
        ObservedVolume(name="pv-2", instance="saint-luc", created_at=made, **kept),
        ObservedVolume(name="pv-3", instance=None, created_at=made, **kept),
    )
    commands = {one["name"]: one["command"] for one in WasteSerializer(list_findings(now=NOW), many=True).data}
    assert commands == {
        "pv-1": "stray_remove pv-1 --engine fake --volume",
        "pv-2": "drift_report --cluster fake",
        "pv-3": "drift_report --cluster fake",
    }


def test_what_may_be_saved_is_ours_to_end() -> None:
    unowned = {"finding": Finding.NAMESPACE_WITHOUT_PARISH, "name": "old", "place": "old", "engine": "alsace"}
    assert may_be_saved(Waste(**unowned, removable=RemovableKind.INSTANCE))
    assert not may_be_saved(Waste(**unowned))
    assert may_be_saved(Waste(finding=Finding.IDLE, name="a", engine="alsace", answer=OperationKind.SUSPEND))
