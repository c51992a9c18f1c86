"""stray_remove."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.fleet import ObservedVolume
from domain.specs import ALL_COMPONENTS, ObservedInstance
from tests.commands import run_command
from tests.engines import FakeEngine
from tests.finops.fleets import make_recorded
from tests.operations.management.commands.conftest import Answer, answer

__all__ = ["answer"]
pytestmark = pytest.mark.django_db
WORDS = ("stray_remove", "old", "--engine", "fake")


@pytest.fixture(autouse=True)
def stray(engine: FakeEngine) -> None:
    engine.set_up("old", running=ALL_COMPONENTS, backup_ids=("20260101T010000Z-5f3a9c",))


def test_it_is_shown_then_removed_by_its_name(answer: Answer, engine: FakeEngine) -> None:
    code, document = answer(*WORDS, "--dry-run")
    assert (code, document["dry_run"], document["backups"]) == (0, True, ["20260101T010000Z-5f3a9c"])
    code, document = answer(*WORDS)
    assert (code, document["error"]["code"]) == (1, "confirmation_mismatch")
    assert engine.observe("old").exists
    code, document = answer(*WORDS, "--confirm", "old")
    assert (code, document["dry_run"], document["name"]) == (0, False, "old")
    assert not engine.observe("old").exists


def test_a_volume_is_removed_by_its_own_name(answer: Answer, engine: FakeEngine) -> None:
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    make_recorded("saint-paul", since=begun)
    left = {"capacity_bytes": 7, "instance": "saint-paul", "claim": "dbvolclaim", "is_bound": False}
    volume = ObservedVolume(name="pv.1", reclaim_policy="Retain", created_at=begun + timedelta(days=1), **left)
    engine.volumes = (volume,)
    words = ("stray_remove", "pv.1", "--engine", "fake", "--volume")
    code, document = answer(*words, "--dry-run")
    assert (code, document["thing"], document["capacity_bytes"]) == (0, "volume", 7) and engine.volumes
    assert answer("stray_remove", "pv.1", "--engine", "fake", "--confirm", "pv.1")[1]["error"]["code"] == "not_found"
    assert answer(*words, "--confirm", "pv.1")[0] == 0 and engine.volumes == ()


def test_what_is_still_there_is_said_once_while_it_goes(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    remove, looks = engine.delete, []

    def observe(name: str) -> ObservedInstance:
        looks.append(name)
        return remove(name, keep_backups=False) if len(looks) > 3 else seen

    seen = engine.observe("old")
    monkeypatch.setattr(engine, "poll_seconds", 0.01)
    monkeypatch.setattr(engine, "delete", lambda _name, **_how: seen)
    monkeypatch.setattr(engine, "observe", observe)
    code, stdout, _stderr = run_command(*WORDS, "--confirm", "old")
    assert (code, len(looks)) == (0, 4)
    first, last = stdout.splitlines()
    assert "volumes" in first and last.startswith("Retiré")


def test_what_does_not_go_in_time_is_said(answer: Answer, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finops.management.commands.stray_remove.WAIT_SECONDS", 0)
    monkeypatch.setattr(engine, "delete", lambda name, **_how: engine.observe(name))
    code, document = answer(*WORDS, "--confirm", "old")
    assert (code, document["error"]["code"]) == (1, "purge_incomplete")
    assert "volumes" in document["error"]["message"]


def test_the_engine_of_this_machine_is_meant_when_none_is_named(answer: Answer) -> None:
    code, document = answer("stray_remove", "old", "--confirm", "old")
    assert (code, document["error"]["code"]) == (1, "not_found")
