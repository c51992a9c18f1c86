"""plan_update: what is not given stays."""

import pytest

from tests.commands import run_command, run_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_one_size_changes_and_the_rest_stays() -> None:
    before = run_json("plan_list")[1]["plans"][0]
    code, document = run_json("plan_update", "default", "--set", "backups_volume=9Gi")
    assert code == 0
    assert document["plan"] == {**before, "backups_volume_bytes": 9 * 1024**3}


def test_another_plan_becomes_the_default() -> None:
    run_command("plan_create", "small", "--like", "default")
    assert run_command("plan_update", "small", "--default")[0] == 0
    assert [plan["name"] for plan in run_json("plan_list")[1]["plans"] if plan["is_default"]] == ["small"]


def test_an_unknown_plan_is_named() -> None:
    code, document = run_json("plan_update", "none", "--set", "db_volume=1Gi")
    assert (code, document["error"]["code"]) == (1, "not_found")
