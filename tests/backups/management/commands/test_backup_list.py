"""backup_list."""

import pytest

from backups.models import BackupReason, BackupState
from tests.backups.commands import run_command, run_json
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_it_lists_the_newest_first_narrowed_and_bounded() -> None:
    paul, marie = make_instance_row(), make_instance_row("sainte-marie")
    rows = [make_backup_row(instance) for instance in (paul, paul, marie)]
    identifiers = [row.backup_id for row in rows]

    def listed(*arguments: str) -> list[str]:
        return [backup["id"] for backup in run_json("backup_list", *arguments)[1]["backups"]]

    assert listed() == identifiers[::-1]
    assert listed("--instance", "saint-paul") == identifiers[1::-1]
    assert listed("--tenant", "sainte-marie") == identifiers[2:]
    assert listed("--limit", "1") == identifiers[2:]
    assert listed("--state", "failed") == []


def test_a_line_says_size_reason_and_error() -> None:
    paul = make_instance_row()
    make_backup_row(paul, stored_bytes=3 * 1024**2, reason=BackupReason.SAFETY)
    make_backup_row(paul, state=BackupState.FAILED, error_code="job_lost", error_params={"program": "backup"})
    _code, text = run_command("backup_list")
    failed, why, good = text.strip().splitlines()
    assert failed.endswith("saint-paul: en échec, complète, à chaud, –")
    assert "programme de sauvegarde a été tué" in why
    reason = "copie de sécurité avant une restauration ou une mise à niveau"
    assert good.endswith(f"saint-paul: bonne, complète, à chaud, 3,0\xa0Mio, {reason}")


def test_an_unknown_parish_or_instance_is_a_refusal_and_nothing_found_is_said() -> None:
    make_instance_row()
    for flag in ("--tenant", "--instance"):
        code, document = run_json("backup_list", flag, "nowhere")
        assert (code, document["error"]["code"]) == (1, "not_found")
    assert run_command("backup_list", "--instance", "saint-paul") == (0, "Aucune sauvegarde.\n")
