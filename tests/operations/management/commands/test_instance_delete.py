"""instance_delete: nothing is purged that nobody confirmed."""

import io

import pytest

from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState
from operations.management.commands.instance_delete import Command
from operations.models import Operation
from tenants.models import Instance
from tests.commands import Keyboard
from tests.engines import FakeEngine
from tests.operations.management.commands.conftest import Answer
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def active(engine: FakeEngine) -> Instance:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    return make_instance_row(state=InstanceState.ACTIVE)


@pytest.mark.parametrize("words", [(), ("--confirm", "saint-pau"), ("--no-final-backup",), ("--purge-backups",)])
def test_without_the_identifier_nothing_is_deleted(answer: Answer, words: tuple[str, ...]) -> None:
    code, document = answer("instance_delete", "saint-paul", *words)
    assert (code, document["error"]["code"]) == (1, "confirmation_missing")
    assert not Operation.objects.exists()


def test_a_confirmed_deletion_is_done_and_proven(answer: Answer, engine: FakeEngine) -> None:
    code, document = answer("instance_delete", "saint-paul", "--confirm", "saint-paul", "--no-final-backup", "--wait")
    assert (code, document["state"]) == (0, "succeeded")
    instance = Instance.objects.get()
    assert (instance.state, instance.url) == ("deleted", "")
    assert instance.purged_at is not None
    assert "run backup" not in engine.list_effects("saint-paul")


def test_a_final_backup_is_taken_first_and_kept(answer: Answer, engine: FakeEngine) -> None:
    answer("instance_delete", "saint-paul", "--confirm", "saint-paul", "--wait")
    effects = engine.list_effects("saint-paul")
    assert effects.index("run backup") < effects.index("purge")
    assert len(engine.observe("saint-paul").backup_ids) == 1


def test_a_dry_run_needs_no_confirmation(answer: Answer) -> None:
    code, document = answer("instance_delete", "saint-paul", "--purge-backups", "--dry-run")
    assert (code, document["dry_run"]) == (0, True)
    assert not Operation.objects.exists()


@pytest.mark.parametrize(("typed", "deleted"), [("saint-paul\n", True), ("yes\n", False), ("\n", False)])
def test_at_a_terminal_the_identifier_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, *, typed: str, deleted: bool
) -> None:
    monkeypatch.setattr("sys.stdin", Keyboard(typed))
    screen = io.StringIO()
    command = Command(stdout=screen, stderr=screen)
    try:
        command.run_from_argv(["manage.py", "instance_delete", "saint-paul", "--purge-backups"])
    except SystemExit as end:
        assert end.code == 1
    assert Operation.objects.exists() is deleted
    assert "saint-paul" in screen.getvalue()


def test_a_deletion_that_can_be_undone_is_left_to_the_workers(answer: Answer, engine: FakeEngine) -> None:
    engine.deletion_grace_seconds = 86_400
    code, document = answer("instance_delete", "saint-paul", "--confirm", "saint-paul", "--no-final-backup", "--wait")
    assert (code, document["state"]) == (0, "waiting")
    assert document["next_run_at"] >= Operation.objects.get().data["undo_until"]
    assert Instance.objects.get().state == "deleting"
