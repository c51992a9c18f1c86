"""release_list: what each release is made of, and who has it."""

import pytest

from tests.commands import run_command, run_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_each_release_says_its_versions() -> None:
    code, document = run_json("release_list")
    assert code == 0 and document["releases"][0]["versions"]["civicrm"] == "5.61.1"
    stdout = run_command("release_list")[1]
    assert stdout.startswith("0.1.1\xa0: ") and "civicrm 5.61.1" in stdout
