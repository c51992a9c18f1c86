"""release_update: what is not given stays, an empty value takes one out."""

import pytest

from tests.commands import run_command, run_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_one_image_changes_and_one_is_taken_out() -> None:
    before = run_json("release_list")[1]["releases"][0]
    run_command("release_update", "0.1.1", "--set", "images.wait=mirror.example/busybox:1")
    changed = run_json("release_update", "0.1.1", "--set", "images.wait=", "--set", "versions.civicrm=5.62")[1]
    assert "wait" not in changed["release"]["images"]
    assert changed["release"]["versions"] == {**before["versions"], "civicrm": "5.62"}
