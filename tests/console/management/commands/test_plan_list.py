"""plan_list: what an instance of each plan holds."""

import pytest

from tests.commands import run_command, run_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_each_plan_says_what_it_holds() -> None:
    code, document = run_json("plan_list")
    (plan,) = document["plans"]
    assert code == 0 and plan["at_rest"] == {"cpu_millicores": 1350, "memory_bytes": 1508 * 1024**2}
    stdout = run_command("plan_list")[1]
    assert stdout.startswith("default\xa0: ") and "1350m 1508Mi" in stdout and "2050m 2220Mi" in stdout
