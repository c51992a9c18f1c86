"""manager_backup: one command makes an archive, or shows where all of them are."""

from pathlib import Path

import pytest

from recovery.models import ManagerArchive
from tests.commands import run_command, run_json
from tests.recovery.archives import make_manager

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_archive_is_made_and_shown(tmp_path: Path) -> None:
    make_manager(tmp_path / "place")
    code, answer = run_json("manager_backup", "--dry-run")
    assert code == 0 and answer["destinations"] == ["directory"] and not ManagerArchive.objects.exists()
    code, answer = run_json("manager_backup")
    assert code == 0 and answer["archive"]["copies"][0]["checked_at"]
    assert run_json("manager_backup", "--if-changed") == (0, {"archive": None, "removed": 0})
    code, text, _errors = run_command("manager_backup", "--list")
    assert code == 0 and answer["archive"]["name"] in text and "directory" in text


def test_what_is_in_the_way_is_told() -> None:
    code, answer = run_json("manager_backup")
    assert code == 1 and answer["error"]["code"] == "archive_unsealed" and answer["error"]["hint"]
