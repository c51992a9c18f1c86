"""stray_remove."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.fleet import ObservedVolume
from domain.specs import ALL_COMPONENTS
from operations.models import Operation
from tests.engines import FakeEngine
from tests.finops.fleets import make_recorded
from tests.operations.management.commands.conftest import Answer, answer

__all__ = ["answer"]
pytestmark = pytest.mark.django_db(transaction=True)
WORDS = ("stray_remove", "old", "--engine", "fake")


@pytest.fixture(autouse=True)
def old(engine: FakeEngine) -> None:
    engine.set_up("old", running=ALL_COMPONENTS, backup_ids=("20260101T010000Z-5f3a9c",))


def test_it_is_shown_then_removed_by_its_name(answer: Answer, engine: FakeEngine) -> None:
    code, document = answer(*WORDS, "--dry-run")
    assert (code, document["dry_run"], document["instance"]) == (0, True, "old")
    assert "20260101T010000Z-5f3a9c" in " ".join(document["sentences"])
    code, document = answer(*WORDS)
    assert (code, document["error"]["code"]) == (1, "confirmation_mismatch")
    assert engine.observe("old").exists and not Operation.objects.exists()
    code, document = answer(*WORDS, "--confirm", "old", "--wait")
    assert (code, document["state"], document["instance"]) == (0, "succeeded", "old"), document
    assert not engine.observe("old").exists


def test_a_volume_is_removed_by_its_own_name(answer: Answer, engine: FakeEngine) -> None:
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    make_recorded("saint-paul", since=begun)
    left = {"capacity_bytes": 7, "instance": "saint-paul", "claim": "dbvolclaim", "is_bound": False}
    volume = ObservedVolume(name="pv.1", reclaim_policy="Retain", created_at=begun + timedelta(days=1), **left)
    engine.volumes = (volume,)
    words = ("stray_remove", "pv.1", "--engine", "fake", "--volume")
    code, document = answer(*words, "--dry-run")
    assert (code, document["parameters"]["volume"]) == (0, True) and engine.volumes
    assert answer("stray_remove", "pv.1", "--engine", "fake", "--confirm", "pv.1")[1]["error"]["code"] == "not_found"
    assert answer(*words, "--confirm", "pv.1", "--wait")[0] == 0 and engine.volumes == ()


def test_the_engine_of_this_machine_is_meant_when_none_is_named(answer: Answer) -> None:
    code, document = answer("stray_remove", "old", "--confirm", "old")
    assert (code, document["error"]["code"]) == (1, "not_found")
