"""backup_run."""

import pytest

from backups.models import Backup
from tests.backups.commands import run_command, run_json
from tests.backups.conftest import MakeInstance
from tests.engines import FakeEngine

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_waits_and_tells_the_identifier(make_instance: MakeInstance) -> None:
    make_instance()
    code, document = run_json("backup_run", "saint-paul", "--mode", "cold", "--codec", "zstd", "--wait")
    backup = Backup.objects.get()
    assert (code, document["state"], document["result"]["backup_id"]) == (0, "succeeded", backup.backup_id)
    assert (backup.mode, backup.codec, backup.scope) == ("cold", "zstd", "full")


def test_a_failure_is_exit_code_1(engine: FakeEngine, make_instance: MakeInstance) -> None:
    make_instance()
    engine.fail("saint-paul", "run_job backup", times=1, code="missing_privilege")
    code, document = run_json("backup_run", "saint-paul", "--wait")
    assert (code, document["error"]["code"]) == (1, "program_failed")
    assert "missing_privilege" in document["error"]["message"]


def test_a_dry_run_writes_nothing(make_instance: MakeInstance) -> None:
    make_instance()
    code, text = run_command("backup_run", "saint-paul", "--scope", "files", "--dry-run")
    assert code == 0 and "saint-paul" in text
    assert not Backup.objects.exists()


def test_an_unknown_instance_is_refused(make_instance: MakeInstance) -> None:
    make_instance()
    code, document = run_json("backup_run", "nobody")
    assert (code, document["error"]["code"]) == (1, "not_found")
