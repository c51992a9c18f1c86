"""What is nobody's is looked at and removed; what is somebody's, or may be, is not."""

import logging
from collections.abc import Iterator

import pytest

from domain.errors import CiviparoisseError
from domain.fleet import ObservedPod, ObservedVolume
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState
from engine.local.servers import list_processes
from engine.registry import register_engine
from operations.strays import look_at_stray, remove_stray
from tests.builders import make_spec
from tests.engines import FakeEngine
from tests.local_engines import provision, running_local_engine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(engine: FakeEngine) -> Iterator[FakeEngine]:
    """An engine on which nobody else makes instances, with one that no row knows, and another parish."""
    engine.is_shared = False
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
    stray = look_at_stray("fake", "old")
    assert ([pod.name for pod in stray.pods], stray.capacity_bytes) == (["old/db"], 5)
    assert stray.backup_ids == ("20260101T010000Z-5f3a9c",)
    assert own.list_effects("old") == []


def test_its_name_is_needed_to_remove_it_and_who_did_is_logged(
    own: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(CiviparoisseError, match="old") as refused:
        remove_stray("fake", "old", confirm="", requested_by="jeanne")
    assert refused.value.code == "confirmation_mismatch" and own.observe("old").exists
    with caplog.at_level(logging.WARNING, logger="operations"):
        remove_stray("fake", "old", confirm="old", requested_by="jeanne")
    assert "jeanne removes" in caplog.text
    assert not own.observe("old").exists and not own.observe("old").backup_ids
    assert own.observe("saint-paul").exists


@pytest.mark.parametrize("state", InstanceState)
def test_an_instance_is_never_a_stray(own: FakeEngine, state: InstanceState) -> None:
    make_instance_row("old", state=state)
    with pytest.raises(CiviparoisseError) as refused:
        remove_stray("fake", "old", confirm="old", requested_by="jeanne")
    assert refused.value.code == "stray_owned" and own.observe("old").exists


def test_where_another_manager_may_be_nothing_is_removed(own: FakeEngine) -> None:
    own.is_shared = True
    with pytest.raises(CiviparoisseError) as refused:
        remove_stray("fake", "old", confirm="old", requested_by="jeanne")
    assert refused.value.code == "stray_shared" and own.observe("old").exists


@pytest.mark.parametrize(("engine_name", "name"), [("fake", "nothing"), ("nowhere", "old")])
@pytest.mark.usefixtures("own")
def test_what_is_not_there_is_said(engine_name: str, name: str) -> None:
    with pytest.raises(CiviparoisseError) as refused:
        look_at_stray(engine_name, name)
    assert refused.value.code == "not_found"


@pytest.mark.xdist_group("strays")
def test_real_servers_are_stopped_and_real_volumes_go() -> None:
    with running_local_engine() as local:
        register_engine("real", lambda: local)
        spec = make_spec("old")
        provision(local, spec)
        stray = look_at_stray("real", "old")
        assert {pod.component for pod in stray.pods} == {"db", "httpd"}
        assert {volume.claim for volume in stray.volumes} == {"db", "files", "private", "backups"}
        remove_stray("real", "old", confirm="old", requested_by="jeanne")
        assert not list_processes(local.root)
        assert not (local.root / "instances" / "old").exists()
        with pytest.raises(CiviparoisseError):
            look_at_stray("real", "old")
