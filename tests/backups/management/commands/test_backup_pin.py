"""backup_pin."""

import pytest

from tests.backups.commands import run_command, run_json
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_it_pins_and_unpins() -> None:
    name = make_backup_row(make_instance_row()).backup_id
    code, document = run_json("backup_pin", name, "--reason", "the move", "--until", "2127-01-31")
    assert (code, document["pin_reason"], document["pinned_until"]) == (
        0,
        "the move",
        "2127-01-30T23:00:00+00:00",
    )
    code, text = run_command("backup_pin", name, "--remove")
    assert code == 0 and name in text
    for wrong in (("--reason", ""), ("--reason", "x", "--until", "soon"), ("--reason", "x", "--until", "2020-01-01")):
        assert run_json("backup_pin", name, *wrong)[0] == 1
    assert run_json("backup_pin", "none", "--remove")[0] == 1
