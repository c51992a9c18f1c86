"""policy_set."""

import pytest

from backups.policies import find_policy
from tests.backups.commands import run_command, run_json
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_it_chooses_and_says_what_becomes_of_each_set() -> None:
    paul = make_instance_row()
    for days in (1, 2):
        make_backup_row(paul, hours_ago=24 * days, stored_bytes=1)
    code, document = run_json("policy_set", "saint-paul", "low", "--dry-run")
    assert (code, len(document["sets"]), find_policy(paul).name) == (0, 2, "critical")
    code, text = run_command("policy_set", "saint-paul", "low")
    assert (code, find_policy(paul).name) == (0, "low") and "saint-paul: low" in text
    assert run_json("policy_set", "saint-paul", "--default")[0] == 0
    assert find_policy(paul).name == "critical"
    for wrong in (("saint-paul", "none"), ("saint-jean", "low")):
        assert run_json("policy_set", *wrong)[0] == 1
