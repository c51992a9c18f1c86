"""backup_download: a file that is whole and private, or none; a key that is shown once; who did it before."""

import json
import subprocess
from pathlib import Path

import pytest

from backups.models import Backup
from domain.states import OperationKind
from tests.backups.parishes import Parishes
from tests.backups.rows import make_backup_row
from tests.commands import run_command, run_json
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


def test_a_file_opens_with_the_key_that_was_shown(parishes: Parishes, tmp_path: Path) -> None:
    backup = Backup.objects.get(backup_id=parishes.run(OperationKind.BACKUP, parishes.get()).result["backup_id"])
    target, key_file = tmp_path / "set.age", tmp_path / "key"
    code, answer = run_json("backup_download", backup.backup_id, "--to", str(target), "--part", "civicrm")
    assert code == 0 and target.stat().st_mode & 0o777 == 0o600 and answer["sent_bytes"] == target.stat().st_size
    key_file.write_text(answer["key"])
    # As the answer says: with age itself.
    opened = subprocess.run(
        ["age", "--decrypt", "--identity", str(key_file), str(target)], capture_output=True, check=True, timeout=180
    )
    listed = subprocess.run(["tar", "-t"], input=opened.stdout, capture_output=True, check=True, timeout=180)
    assert f"{backup.backup_id}/manifest.json" in listed.stdout.decode().splitlines()
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".partial")] == []
    again = run_json("backup_download", backup.backup_id, "--to", str(target))
    assert again[0] != 0 and again[1]["error"]["params"]["field"] == "to"
    code, text = run_command("backup_download", backup.backup_id, "--to", str(tmp_path / "two"))[:2]
    assert code == 0 and "AGE-SECRET-KEY-1" in text
    downloads = run_json("backup_download", backup.backup_id, "--list")[1]["downloads"]
    assert [row["parts"] for row in downloads] == [[], ["civicrm"]]
    assert "AGE-SECRET-KEY" not in json.dumps(downloads)
    assert "civicrm" in run_command("backup_download", backup.backup_id, "--list")[1]


def test_what_cannot_be_read_or_written_leaves_no_file(tmp_path: Path) -> None:
    backup = make_backup_row(make_instance_row())
    code, answer = run_json("backup_download", backup.backup_id, "--to", str(tmp_path / "set"))
    assert code != 0 and answer["error"]["code"] == "download_nowhere" and list(tmp_path.iterdir()) == []
    code, answer = run_json("backup_download", backup.backup_id, "--to", str(tmp_path / "no" / "set"))
    assert code != 0 and answer["error"]["code"] == "file_unwritable"
    assert run_json("backup_download", backup.backup_id, "--to", "x", "--recipient", "nonsense")[0] != 0
