"""restore_run."""

import pytest

from domain.specs import JobProgram
from operations.models import Operation
from tenants.models import Instance
from tests.backups.commands import run_command, run_json
from tests.backups.test_restore_steps import make_sandbox
from tests.engines import FakeEngine

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_restores_what_was_named_and_confirmed(engine: FakeEngine, backed_up: tuple[Instance, str]) -> None:
    asked = ("saint-paul", "--backup", backed_up[1], "--database", "civicrm", "--confirm", "saint-paul", "--wait")
    code, document = run_json("restore_run", *asked)
    assert (code, document["state"], document["result"]["database"]) == (0, "succeeded", "civicrm")
    assert engine.list_runs("saint-paul", JobProgram.RESTORE)[0]["SCOPE"] == "database"


def test_without_confirmation_nothing_begins(backed_up: tuple[Instance, str]) -> None:
    before = Operation.objects.count()
    code, document = run_json("restore_run", "saint-paul", "--backup", backed_up[1])
    assert (code, document["error"]["code"]) == (1, "restore_unconfirmed")
    assert Operation.objects.count() == before


def test_a_dry_run_says_what_is_lost_and_writes_nothing(backed_up: tuple[Instance, str]) -> None:
    before = Operation.objects.count()
    code, text = run_command("restore_run", "saint-paul", "--backup", backed_up[1], "--dry-run", "--no-safety-backup")
    assert code == 0 and "saint-paul" in text
    assert Operation.objects.count() == before


def test_a_copy_overwrites_the_target_only(engine: FakeEngine, backed_up: tuple[Instance, str]) -> None:
    sandbox = make_sandbox(engine)
    asked = ("saint-paul", "--backup", backed_up[1], "--target", sandbox.identifier, "--confirm", sandbox.identifier)
    code, document = run_json("restore_run", *asked, "--wait")
    assert (code, document["instance"], document["result"]["clone"]) == (0, sandbox.identifier, True)
    assert engine.list_runs("saint-paul", JobProgram.RESTORE) == []


def test_a_failure_is_exit_code_1_and_told(engine: FakeEngine, backed_up: tuple[Instance, str]) -> None:
    engine.fail("saint-paul", "run_job restore", times=1, code="restore_differs")
    asked = ("saint-paul", "--backup", backed_up[1], "--confirm", "saint-paul", "--wait")
    code, document = run_json("restore_run", *asked)
    assert (code, document["error"]["code"]) == (1, "restore_rolled_back")
    assert document["error"]["params"]["cause"] == "restore_differs"
    assert "n’est pas ce que contient la sauvegarde" in document["error"]["message"]
