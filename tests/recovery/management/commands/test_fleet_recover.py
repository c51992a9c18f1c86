"""fleet_recover: says what is lost, makes it again, and says what came of it."""

from pathlib import Path

import pytest

from domain.states import InstanceState
from engine.registry import register_engine
from tests.commands import run_command, run_json
from tests.engines import FakeEngine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_lost_is_told_then_made_again(tmp_path: Path) -> None:
    fake = FakeEngine(tmp_path / "engine")
    fake.nodes = ()
    register_engine("fake", lambda: fake)
    paul = make_instance_row("saint-paul", state=InstanceState.ACTIVE)
    code, answer = run_json("fleet_recover", "--dry-run")
    assert code == 0 and [one["instance"] for one in answer["lost"]] == ["saint-paul"]
    assert fake.list_effects("saint-paul") == []
    code, answer = run_json("fleet_recover")
    assert code == 0 and answer["instances"][0]["state"] == "back", answer
    paul.refresh_from_db()
    assert paul.state == "active"
    code, text, _errors = run_command("fleet_recover")
    assert code == 0 and text


def test_a_mapping_that_is_none_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text("clusters: {}")
    code, answer = run_json("fleet_recover", "--mapping", str(tmp_path / "map.yaml"))
    assert code == 1 and answer["error"]["code"] == "mapping_unreadable"
