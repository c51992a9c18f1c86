"""backup_prune."""

import pytest

from backups.models import BackupState
from operations.models import Operation
from tenants.models import Instance
from tests.backups.commands import run_command, run_json
from tests.backups.conftest import MakeInstance
from tests.backups.rows import make_backup_row
from tests.commands import Keyboard
from tests.engines import FakeEngine

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paul(engine: FakeEngine, make_instance: MakeInstance) -> Instance:
    """Saint-Paul with three good backups, two of them old."""
    instance = make_instance()
    rows = [make_backup_row(instance, hours_ago=24 * days, stored_bytes=1000) for days in (500, 300, 1)]
    engine.set_up("saint-paul", backup_ids=tuple(row.backup_id for row in rows))
    return instance


def test_it_removes_what_is_old_once_confirmed(engine: FakeEngine, paul: Instance) -> None:
    asked = ("saint-paul", "--older-than-days", "200", "--confirm", "saint-paul", "--wait")
    code, document = run_json("backup_prune", *asked)
    assert (code, document["state"]) == (0, "succeeded")
    assert document["result"] == {"removed_backups": 2, "freed_bytes": 2000}
    assert len(engine.observe("saint-paul").backup_ids) == 1
    assert paul.backups.filter(state=BackupState.DELETED).count() == 2


def test_one_is_named(engine: FakeEngine, paul: Instance) -> None:
    named = paul.backups.order_by("started_at")[1].backup_id
    code, _document = run_json("backup_prune", "saint-paul", "--backup", named, "--confirm", "saint-paul", "--wait")
    assert code == 0 and named not in engine.observe("saint-paul").backup_ids
    assert len(engine.observe("saint-paul").backup_ids) == 2


@pytest.mark.usefixtures("paul")
def test_a_dry_run_needs_no_confirmation_and_writes_nothing() -> None:
    code, text = run_command("backup_prune", "saint-paul", "--older-than-days", "400", "--dry-run")
    assert code == 0 and "1 sauvegarde de saint-paul" in text
    code, document = run_json("backup_prune", "saint-paul", "--older-than-days", "900", "--dry-run")
    assert (code, document["dry_run"], document["steps"]) == (0, True, [])
    assert not Operation.objects.exists()


@pytest.mark.usefixtures("paul")
def test_without_confirmation_or_anything_to_remove_nothing_begins() -> None:
    code, document = run_json("backup_prune", "saint-paul", "--older-than-days", "400")
    assert (code, document["error"]["code"]) == (1, "prune_unconfirmed")
    code, document = run_json("backup_prune", "saint-paul", "--older-than-days", "900", "--confirm", "saint-paul")
    assert (code, document["error"]["code"]) == (1, "nothing_to_prune")
    assert not Operation.objects.exists()


@pytest.mark.parametrize(("typed", "code"), [("saint-paul\n", 0), ("saint\n", 1), ("\n", 1)])
@pytest.mark.usefixtures("paul")
def test_at_a_terminal_what_goes_is_shown_and_the_identifier_asked_for(
    monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    monkeypatch.setattr("sys.stdin", Keyboard(typed))
    found, text = run_command("backup_prune", "saint-paul", "--older-than-days", "200")
    assert found == code and (code or "2 sauvegardes de saint-paul" in text)
    assert Operation.objects.exists() is (code == 0)
