"""release_create: a release like another, with what was typed in its place."""

import pytest

from tests.commands import run_command, run_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_a_release_names_its_images_and_versions() -> None:
    given = ("--set", "images.httpd=registry.example:5000/httpd:0.2", "--set", "versions.civicrm=6.1")
    code, document = run_json("release_create", "0.2", "--like", "0.1.1", *given)
    assert code == 0
    assert document["release"]["images"]["httpd"] == "registry.example:5000/httpd:0.2"
    assert document["release"]["versions"]["civicrm"] == "6.1" and len(document["release"]["versions"]) > 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("0.1.1",), "release_exists"),
        (("0.2", "--like", "none"), "not_found"),
        (("0.2", "--set", "images.apache=x"), "invalid_value"),
        (("0.2", "--set", "colour=red"), "invalid_value"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said(arguments: tuple[str, ...], code: str) -> None:
    exit_code, document = run_json("release_create", *arguments)
    assert (exit_code, document["error"]["code"]) == (1, code)
    assert len(run_json("release_list")[1]["releases"]) == 1


def test_a_dry_run_writes_nothing() -> None:
    code, stdout, _stderr = run_command("release_create", "0.2", "--dry-run")
    assert code == 0 and "0.2" in stdout and len(run_json("release_list")[1]["releases"]) == 1
