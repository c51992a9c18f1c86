"""programs.prepare: what an init began and nobody proved goes; anything else is never touched."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from programs.prepare import list_content, prepare, read_paths
from programs.run.failures import ProgramError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def directories(tmp_path: Path) -> tuple[Path, ...]:
    return tuple(tmp_path / name for name in ("db/data", "files/sites", "private/private"))


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    (tmp_path / "db").mkdir()
    return tmp_path / "db" / "init-begun"


def fill(directories: tuple[Path, ...]) -> None:
    for directory in directories:
        (directory / "deep" / "er").mkdir(parents=True, exist_ok=True)
        (directory / "deep" / "file").write_text("x")
        (directory / "file").write_text("x")


def test_new_volumes_get_a_marker(directories: tuple[Path, ...], marker: Path) -> None:
    assert prepare(directories, marker) == (True, 0)
    assert marker.exists()


def test_data_without_a_marker_is_never_touched(directories: tuple[Path, ...], marker: Path) -> None:
    fill(directories[1:2])
    before = list_content(directories)
    assert prepare(directories, marker) == (False, 0)
    assert list_content(directories) == before and not marker.exists()


def test_what_a_killed_init_left_goes_and_the_marker_stays(
    directories: tuple[Path, ...], marker: Path, tmp_path: Path
) -> None:
    prepare(directories, marker)
    fill(directories)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    (directories[0] / "link").symlink_to(outside)
    assert prepare(directories, marker) == (True, 7)
    assert list_content(directories) == [] and marker.exists() and (outside / "kept").exists()
    assert all(directory.is_dir() for directory in directories)


def test_a_proven_instance_is_left_alone(directories: tuple[Path, ...], marker: Path) -> None:
    prepare(directories, marker)
    fill(directories)
    marker.unlink()  # as programs.inspect does once it has proved it
    assert prepare(directories, marker)[0] is False
    assert len(list_content(directories)) == 6


@pytest.mark.parametrize(
    ("dirs", "name"),
    [
        ("", "/tmp/x"),
        ("data", "/tmp/x"),
        ("/", "/tmp/x"),
        ("/data", "/tmp/x"),
        ("/tmp/a", "x"),
        ("/tmp/a", "/tmp/a/x"),
        ("/tmp/a", "/no/such/place/x"),
    ],
)
def test_paths_that_could_empty_something_else_are_refused(dirs: str, name: str) -> None:
    with pytest.raises(ProgramError) as raised:
        read_paths({"INIT_DIRS": dirs, "MARKER_FILE": name})
    assert raised.value.code == "environment_invalid"


def test_the_program_reports_what_it_did(directories: tuple[Path, ...], marker: Path, tmp_path: Path) -> None:
    environment = {
        "INIT_DIRS": " ".join(map(str, directories)),
        "MARKER_FILE": str(marker),
        "RESULT_FILE": str(tmp_path / "result.json"),
        "PATH": os.environ["PATH"],
    }
    command = [sys.executable, "-m", "programs.prepare"]
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=180, check=True)
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["ok"], result["empty"], result["removed"]) == (True, True, 0)
