"""plan_create: a plan like another, with what was typed in its place."""

from pathlib import Path

import pytest

from tests.commands import run_command, run_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]


def test_a_small_plan_holds_less_than_the_default_one() -> None:
    sizes = ("--set", "containers.httpd.cpu_request=250m", "--set", "db_volume=1Gi")
    code, document = run_json("plan_create", "small", "--like", "default", *sizes)
    assert code == 0
    httpd = next(row for row in document["plan"]["containers"] if row["container"] == "httpd")
    assert (httpd["cpu_request_millicores"], document["plan"]["db_volume_bytes"]) == (250, 1024**3)
    rest, most = document["plan"]["at_rest"], document["plan"]["at_most"]
    assert rest["cpu_millicores"] == 1350 - 1000 + 250 and most["cpu_millicores"] == 1300


def test_a_dry_run_writes_nothing() -> None:
    code, stdout, _stderr = run_command("plan_create", "small", "--like", "default", "--dry-run")
    assert code == 0 and "small" in stdout and "1350m 1508Mi" in stdout
    assert [plan["name"] for plan in run_json("plan_list")[1]["plans"]] == ["default"]


def test_a_file_gives_values_and_flags_win(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("files_volume: 3Gi\ndb_volume: 3Gi\ncontainers: {db: {memory_limit: 2Gi}}\n")
    given = ("--file", str(path), "--set", "db_volume=4Gi", "--default")
    code, document = run_json("plan_create", "large", "--like", "default", *given)
    plan = document["plan"]
    assert code == 0 and plan["is_default"]
    assert (plan["files_volume_bytes"], plan["db_volume_bytes"]) == (3 * 1024**3, 4 * 1024**3)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("small",), "invalid_value"),
        (("small", "--like", "none"), "not_found"),
        (("default", "--like", "default"), "plan_exists"),
        (("small", "--like", "default", "--set", "db_volume=x"), "invalid_value"),
        (("small", "--like", "default", "--set", "nothing"), "invalid_value"),
        (("small", "--like", "default", "--file", "/nowhere"), "file_unreadable"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said(arguments: tuple[str, ...], code: str) -> None:
    exit_code, document = run_json("plan_create", *arguments)
    assert (exit_code, document["error"]["code"]) == (1, code) and document["error"]["message"]
