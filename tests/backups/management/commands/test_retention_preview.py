"""retention_preview."""

import pytest

from tests.backups.commands import run_command, run_json
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_it_says_of_each_set_what_becomes_of_it() -> None:
    paul = make_instance_row()
    names = [make_backup_row(paul, hours_ago=24 * days, stored_bytes=1).backup_id for days in (3, 2, 1)]
    code, document = run_json("retention_preview", "saint-paul", "--keep-last", "2")
    assert code == 0
    assert [(one["id"], one["keep"]) for one in document["sets"]] == list(zip(names, [False, True, True], strict=True))
    _code, text = run_command("retention_preview", "saint-paul", "--policy", "medium")
    assert len(text.splitlines()) == 3
    for wrong in (("--keep-last", "0"), ("--keep-last", "-1"), ("--policy", "none"), ("--keep-daily", "1001")):
        assert run_json("retention_preview", "saint-paul", *wrong)[0] == 1
