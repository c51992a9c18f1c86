"""stray_remove."""

import pytest

from domain.specs import ALL_COMPONENTS
from tests.engines import FakeEngine
from tests.operations.management.commands.conftest import Answer

pytestmark = pytest.mark.django_db
WORDS = ("stray_remove", "old", "--engine", "fake")


@pytest.fixture(autouse=True)
def stray(engine: FakeEngine) -> None:
    engine.is_shared = False
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


def test_the_engine_of_this_machine_is_meant_when_none_is_named(answer: Answer) -> None:
    code, document = answer("stray_remove", "old", "--confirm", "old")
    assert (code, document["error"]["code"]) == (1, "not_found")
