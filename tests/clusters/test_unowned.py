"""A namespace or volume without an Instance row is looked at; what is somebody's, or may be, is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from clusters.unowned import describe_removal, look_at, refuse_removal
from domain.errors import CiviparoisseError
from domain.fleet import ObservedPod, ObservedVolume, RemovableKind
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState
from operations.engine_objects import EngineObject
from tests.engines import FakeEngine
from tests.finops.fleets import make_recorded
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
BEGUN = datetime(2025, 1, 1, tzinfo=UTC)
OLD = EngineObject(engine="fake", thing=RemovableKind.INSTANCE, name="old")
VOLUME = EngineObject(engine="fake", thing=RemovableKind.VOLUME, name="pv-1")


@pytest.fixture
def own(engine: FakeEngine) -> FakeEngine:
    """An engine with something that no row knows, and another parish."""
    engine.set_up("old", running=ALL_COMPONENTS, backup_ids=("20260101T010000Z-5f3a9c",))
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    engine.volumes = (
        ObservedVolume(name="old/db", capacity_bytes=5, instance="old", claim="db"),
        ObservedVolume(name="saint-paul/db", capacity_bytes=7, instance="saint-paul", claim="db"),
    )
    engine.pods = (ObservedPod(name="old/db", instance="old", component="db"),)
    make_instance_row("saint-paul")
    return engine


def read_refusal(thing: EngineObject) -> str:
    with pytest.raises(CiviparoisseError) as refused:
        refuse_removal(thing, {})
    return refused.value.code


def test_all_of_it_is_told_and_nothing_of_others(own: FakeEngine) -> None:
    holding = look_at(OLD)
    assert ([pod.name for pod in holding.pods], holding.capacity_bytes) == (["old/db"], 5)
    assert holding.backup_ids == ("20260101T010000Z-5f3a9c",)
    assert own.list_effects("old") == []
    text = " ".join(describe_removal(OLD, {}))
    assert "20260101T010000Z-5f3a9c" in text and "old/db" in text and "saint-paul" not in text


@pytest.mark.parametrize("state", InstanceState)
def test_what_has_an_instance_row_is_refused(own: FakeEngine, state: InstanceState) -> None:
    make_instance_row("old", state=state)
    assert read_refusal(OLD) == "stray_owned" and own.observe("old").exists


def test_the_name_of_an_instance_of_another_engine_is_no_reason_to_keep_it(own: FakeEngine) -> None:
    make_instance_row("old", engine="elsewhere")
    assert look_at(OLD).backup_ids and own


def test_what_another_manager_made_is_refused(own: FakeEngine) -> None:
    own.set_up("old", manager="them")
    assert read_refusal(OLD) == "stray_foreign"


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"is_bound": True}, "volume_held"), ({"created_at": None}, "volume_foreign"), ({"name": "pv-9"}, "not_found")],
)
def test_a_volume_that_may_be_somebodys_is_refused(engine: FakeEngine, changes: dict[str, object], code: str) -> None:
    make_recorded("saint-paul", since=BEGUN)
    values: dict[str, object] = {"name": "pv-1", "capacity_bytes": 7, "instance": "saint-paul", "claim": "dbvolclaim"}
    values |= {"is_bound": False, "reclaim_policy": "Retain", "created_at": BEGUN + timedelta(days=365)}
    engine.volumes = (ObservedVolume(**values),)
    assert [volume.name for volume in look_at(VOLUME).volumes] == ["pv-1"]
    assert "pv-1" in describe_removal(VOLUME, {})[0]
    engine.volumes = (ObservedVolume(**{**values, **changes}),)
    assert read_refusal(VOLUME) == code


@pytest.mark.parametrize(("engine_name", "name"), [("fake", "nothing"), ("nowhere", "old")])
@pytest.mark.usefixtures("own")
def test_what_is_not_there_is_said(engine_name: str, name: str) -> None:
    assert read_refusal(EngineObject(engine=engine_name, thing=RemovableKind.INSTANCE, name=name)) == "not_found"
