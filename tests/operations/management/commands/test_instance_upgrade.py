"""instance_upgrade: no way back only when that was confirmed."""

import pytest

from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState
from operations.models import Operation
from tenants.models import Instance
from tests.commands import Keyboard, run_command
from tests.engines import FakeEngine
from tests.operations.management.commands.conftest import Answer
from tests.rows import make_instance_row, make_release_row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def active(engine: FakeEngine) -> Instance:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    make_release_row("next", civicrm="5.62.0")
    return make_instance_row(state=InstanceState.ACTIVE)


def test_an_upgrade_takes_a_safety_backup(answer: Answer, engine: FakeEngine) -> None:
    code, document = answer("instance_upgrade", "saint-paul", "--release", "next", "--wait")
    assert (code, document["state"]) == (0, "succeeded")
    assert Instance.objects.get().release.name == "next"
    assert engine.count_effects("saint-paul")["run backup"] == 1


def test_without_a_safety_backup_the_identifier_is_needed(answer: Answer, engine: FakeEngine) -> None:
    words = ("instance_upgrade", "saint-paul", "--release", "next", "--no-safety-backup")
    code, document = answer(*words)
    assert (code, document["error"]["code"]) == (1, "upgrade_unconfirmed")
    assert answer(*words, "--dry-run")[0] == 0
    assert not Operation.objects.exists()
    assert answer(*words, "--confirm", "saint-paul", "--wait")[0] == 0
    assert "run backup" not in engine.list_effects("saint-paul")


@pytest.mark.parametrize(("typed", "code"), [("saint-paul\n", 0), ("yes\n", 1)])
def test_at_a_terminal_the_identifier_is_asked_for(monkeypatch: pytest.MonkeyPatch, typed: str, code: int) -> None:
    monkeypatch.setattr("sys.stdin", Keyboard(typed))
    words = ("instance_upgrade", "saint-paul", "--release", "next", "--no-safety-backup")
    assert run_command(*words)[0] == code
    assert Operation.objects.exists() is (code == 0)


def test_with_a_way_back_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Keyboard(""))
    assert run_command("instance_upgrade", "saint-paul", "--release", "next")[0] == 0
