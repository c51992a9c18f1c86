"""What is nobody's is looked at and removed; what is somebody's, or may be, is not."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import CiviparoisseError
from domain.fleet import ObservedFleet, ObservedPod, ObservedVolume, RemovableKind
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState
from engine.local.servers import list_processes
from engine.registry import register_engine
from finops.calendar import compute_second
from finops.models import Interval
from finops.strays import continue_removal, look_at_stray, remove_stray, select_own_volumes
from tenants.models import Instance
from tests.builders import make_spec
from tests.engines import FakeEngine
from tests.finops.fleets import make_recorded
from tests.local_engines import provision, running_local_engine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
BEGUN = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def own(engine: FakeEngine) -> Iterator[FakeEngine]:
    """An engine on which nobody else makes instances, with one that no row knows, and another parish."""
    engine.set_up("old", running=ALL_COMPONENTS, backup_ids=("20260101T010000Z-5f3a9c",))
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    engine.volumes = (
        ObservedVolume(name="old/db", capacity_bytes=5, instance="old", claim="db"),
        ObservedVolume(name="saint-paul/db", capacity_bytes=7, instance="saint-paul", claim="db"),
    )
    engine.pods = (ObservedPod(name="old/db", instance="old", component="db"),)
    make_instance_row("saint-paul")
    yield engine


def test_all_of_it_is_told_and_nothing_of_others(own: FakeEngine) -> None:
    stray = look_at_stray("fake", RemovableKind.INSTANCE, "old")
    assert ([pod.name for pod in stray.pods], stray.capacity_bytes) == (["old/db"], 5)
    assert stray.backup_ids == ("20260101T010000Z-5f3a9c",)
    assert own.list_effects("old") == []


def test_its_name_is_needed_to_remove_it_and_who_did_is_logged(
    own: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(CiviparoisseError, match="old") as refused:
        remove_stray("fake", RemovableKind.INSTANCE, "old", confirm="", requested_by="jeanne")
    assert refused.value.code == "confirmation_mismatch" and own.observe("old").exists
    with caplog.at_level(logging.WARNING, logger="finops"):
        remove_stray("fake", RemovableKind.INSTANCE, "old", confirm="old", requested_by="jeanne")
    assert "jeanne removes" in caplog.text
    assert not own.observe("old").exists and not own.observe("old").backup_ids
    assert own.observe("saint-paul").exists


def test_volumes_that_their_policy_keeps_go_once_the_rest_is_gone(own: FakeEngine) -> None:
    kept = {"name": "pv-1", "capacity_bytes": 5, "instance": "old", "claim": "db", "reclaim_policy": "Retain"}
    own.volumes = (ObservedVolume(**kept),)
    stray = remove_stray("fake", RemovableKind.INSTANCE, "old", confirm="old", requested_by="jeanne")
    assert continue_removal(stray) == ("pv-1",) and own.volumes, "its claim is still there"
    own.volumes = (ObservedVolume(is_bound=False, **kept),)
    assert continue_removal(stray) == ("pv-1",) and own.volumes == (), "asked for, not yet seen gone"
    assert continue_removal(stray) == ()


@pytest.mark.parametrize("state", InstanceState)
def test_an_instance_is_never_a_stray(own: FakeEngine, state: InstanceState) -> None:
    make_instance_row("old", state=state)
    with pytest.raises(CiviparoisseError) as refused:
        remove_stray("fake", RemovableKind.INSTANCE, "old", confirm="old", requested_by="jeanne")
    assert refused.value.code == "stray_owned" and own.observe("old").exists


def test_the_name_of_an_instance_of_another_place_is_no_reason_to_keep_it(own: FakeEngine) -> None:
    make_instance_row("old", engine="elsewhere")
    remove_stray("fake", RemovableKind.INSTANCE, "old", confirm="old", requested_by="jeanne")
    assert not own.observe("old").exists


def test_what_another_manager_made_is_left(own: FakeEngine) -> None:
    own.set_up("old", manager="them")
    with pytest.raises(CiviparoisseError) as refused:
        remove_stray("fake", RemovableKind.INSTANCE, "old", confirm="old", requested_by="jeanne")
    assert refused.value.code == "stray_foreign" and own.observe("old").exists


def make_left(name: str = "pv-1", **changes: object) -> ObservedVolume:
    """Return a volume of Saint-Paul's that no claim holds, made a year after its first provisioning."""
    values: dict[str, object] = {"capacity_bytes": 7, "instance": "saint-paul", "claim": "dbvolclaim"}
    values |= {"is_bound": False, "reclaim_policy": "Retain", "created_at": BEGUN + timedelta(days=365)}
    return ObservedVolume(name=name, **{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, ""),
        ({"is_bound": True}, "volume_held"),
        ({"created_at": BEGUN - timedelta(hours=1)}, "volume_foreign"),
        ({"created_at": None}, "volume_foreign"),
        ({"instance": "saint-jean"}, "volume_foreign"),
        ({"instance": None}, "volume_foreign"),
    ],
)
def test_a_volume_is_ours_when_the_ledger_knows_its_life(
    engine: FakeEngine, changes: dict[str, object], code: str
) -> None:
    make_recorded("saint-paul", since=BEGUN)
    engine.volumes = (make_left("pv-0"), make_left(**changes))
    assert ("fake", "pv-0") in select_own_volumes({"fake": engine.observe_fleet()})
    if not code:
        stray = remove_stray("fake", RemovableKind.VOLUME, "pv-1", confirm="pv-1", requested_by="jeanne")
        assert [volume.name for volume in engine.volumes] == ["pv-0"] and continue_removal(stray) == ()
        return
    with pytest.raises(CiviparoisseError) as refused:
        remove_stray("fake", RemovableKind.VOLUME, "pv-1", confirm="pv-1", requested_by="jeanne")
    assert refused.value.code == code and len(engine.volumes) == 2


def test_a_volume_s_life_is_known_after_its_instance_and_its_row(engine: FakeEngine) -> None:
    ended = BEGUN + timedelta(days=400)
    row = make_recorded("saint-paul", since=BEGUN)
    Interval.objects.update(end=compute_second(ended), open_key=None)
    row.operations.all().delete()
    Instance.objects.filter(pk=row.pk).update(state=InstanceState.DELETED, purged_at=ended)
    Instance.objects.get(pk=row.pk).delete()
    engine.volumes = (make_left(), make_left("pv-2", created_at=ended + timedelta(hours=1)))
    fleets = {"fake": engine.observe_fleet()}
    assert select_own_volumes(fleets) == {("fake", "pv-1")}
    assert select_own_volumes({"other": fleets["fake"]}) == set()


def test_nothing_is_asked_of_the_ledger_where_no_volume_was_left(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert select_own_volumes({"fake": ObservedFleet(at=BEGUN)}) == frozenset()


def test_a_volume_needs_its_name_too(engine: FakeEngine) -> None:
    make_recorded("saint-paul", since=BEGUN)
    engine.volumes = (make_left(),)
    with pytest.raises(CiviparoisseError) as refused:
        remove_stray("fake", RemovableKind.VOLUME, "pv-1", confirm="saint-paul", requested_by="jeanne")
    assert refused.value.code == "confirmation_mismatch" and engine.volumes


@pytest.mark.parametrize(("engine_name", "name"), [("fake", "nothing"), ("nowhere", "old")])
@pytest.mark.usefixtures("own")
def test_what_is_not_there_is_said(engine_name: str, name: str) -> None:
    with pytest.raises(CiviparoisseError) as refused:
        look_at_stray(engine_name, RemovableKind.INSTANCE, name)
    assert refused.value.code == "not_found"


@pytest.mark.xdist_group("strays")
def test_real_servers_are_stopped_and_real_volumes_go() -> None:
    with running_local_engine() as local:
        register_engine("real", lambda: local)
        spec = make_spec("old")
        provision(local, spec)
        stray = look_at_stray("real", RemovableKind.INSTANCE, "old")
        assert {pod.component for pod in stray.pods} == {"db", "httpd"}
        assert {volume.claim for volume in stray.volumes} == {"db", "files", "private", "backups"}
        remove_stray("real", RemovableKind.INSTANCE, "old", confirm="old", requested_by="jeanne")
        assert not list_processes(local.root)
        assert not (local.root / "instances" / "old").exists()
        with pytest.raises(CiviparoisseError):
            look_at_stray("real", RemovableKind.INSTANCE, "old")
