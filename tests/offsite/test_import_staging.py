"""What is copied aside: whole or not at all, and nothing is left of an import that was killed."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from offsite.import_staging import STAGING, check_room_for, copy_set, give_name, staging
from programs.run.failures import ProgramError
from programs.sets.manifest import NAME, parse_manifest, read_manifest_bytes
from tests.backups.sets import make_set

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, signal, sys
from pathlib import Path
from offsite.import_staging import staging
with staging(Path(sys.argv[1])) as aside:
    (aside / "half").write_bytes(b"half of an artifact")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory of sets."""
    directory = tmp_path / "instance" / "backups"
    directory.mkdir(parents=True)
    return directory


def list_aside(home: Path) -> list[Path]:
    """Return what lies aside."""
    return list(home.parent.glob(f"{STAGING}*"))


def test_a_copy_gets_its_name_at_once_and_nothing_stays_aside(tmp_path: Path, home: Path) -> None:
    found = make_set(tmp_path)
    data = read_manifest_bytes(found)
    check_room_for(home, parse_manifest(data))
    with staging(home) as aside:
        copy_set(found, aside, parse_manifest(data), data=data)
        assert aside.stat().st_mode & 0o777 == 0o700 and list(home.iterdir()) == []
        assert give_name(aside, home / found.name)
    assert list_aside(home) == []
    assert {path.name: path.read_bytes() for path in (home / found.name).iterdir()} == {
        path.name: path.read_bytes() for path in found.iterdir()
    }


def test_what_is_there_is_never_replaced(tmp_path: Path, home: Path) -> None:
    found = make_set(tmp_path)
    data = read_manifest_bytes(found)
    (home / found.name).mkdir()
    (home / "link").symlink_to(home / "nowhere")
    for name in (found.name, "link"):
        with staging(home) as aside:
            copy_set(found, aside, parse_manifest(data), data=data)
            assert not give_name(aside, home / name)
    assert list((home / found.name).iterdir()) == [] and not (home / "nowhere").exists() and list_aside(home) == []


def test_a_killed_import_leaves_nothing_to_the_next_and_one_at_work_is_left_alone(home: Path) -> None:
    died = subprocess.run([sys.executable, "-c", KILLED, str(home)], cwd=ROOT, timeout=180, check=False)
    assert died.returncode == -signal.SIGKILL and len(list_aside(home)) == 1
    with staging(home) as first:
        assert list_aside(home) == [first]
        with staging(home) as second:
            assert set(list_aside(home)) == {first, second}
    assert list_aside(home) == []


def test_a_file_of_another_size_is_not_copied(tmp_path: Path, home: Path) -> None:
    found = make_set(tmp_path)
    data = read_manifest_bytes(found)
    with (found / "sites.tar.gz").open("ab") as file:
        file.write(b"more")
    with staging(home) as aside, pytest.raises(ProgramError) as refused:
        copy_set(found, aside, parse_manifest(data), data=data)
    assert refused.value.code == "artifact_damaged" and not (home / NAME).exists()


def test_room_is_asked_for_first(tmp_path: Path, home: Path) -> None:
    manifest = parse_manifest(read_manifest_bytes(make_set(tmp_path)))
    huge = [type(one)(**{**vars(one), "stored_bytes": 2**60}) for one in manifest.artifacts]
    with pytest.raises(ProgramError) as refused:
        check_room_for(home, type(manifest)(**{**vars(manifest), "artifacts": huge}))
    assert refused.value.code == "no_space"
