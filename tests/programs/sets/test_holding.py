"""A set is held while it is read: who removes it is refused or passes it over; a reader that died holds nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from programs.discard import discard_set
from programs.run.failures import ProgramError
from programs.sets import holding
from programs.sets.holding import claim_set, hold_set

ROOT = Path(__file__).resolve().parents[3]
BACKUP_ID = "20261121T080000Z-5f3a9c"
READER = (
    "import sys; from pathlib import Path; from programs.sets.holding import hold_set\n"
    "with hold_set(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()\n"
)


@pytest.fixture
def set_dir(tmp_path: Path) -> Path:
    path = tmp_path / BACKUP_ID
    path.mkdir()
    (path / "manifest.json").write_text("{}")
    return path


def start_reader(set_dir: Path) -> subprocess.Popen[str]:
    """Another process that holds the set."""
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(set_dir)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None and reader.stdout.readline() == "held\n"
    return reader


def test_what_another_process_reads_is_not_removed_until_it_ends_however_it_ends(set_dir: Path) -> None:
    with start_reader(set_dir) as reader:
        with pytest.raises(ProgramError) as refused:
            discard_set(set_dir.parent, BACKUP_ID)
        assert (refused.value.code, refused.value.retryable) == ("set_in_use", True)
        assert os.listdir(set_dir.parent) == [BACKUP_ID]
        reader.send_signal(signal.SIGKILL)
        reader.wait(60)
    assert discard_set(set_dir.parent, BACKUP_ID) and os.listdir(set_dir.parent) == []


def test_any_number_may_read_at_once(set_dir: Path) -> None:
    with hold_set(set_dir), hold_set(set_dir), claim_set(set_dir) as is_free:
        assert not is_free
    with claim_set(set_dir) as is_free:
        assert is_free


def test_a_set_that_went_between_a_readers_look_and_its_hold_is_not_read(
    set_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = holding._lock

    def remove_first(descriptor: int, how: int) -> bool:
        monkeypatch.setattr(holding, "_lock", real)
        assert discard_set(set_dir.parent, BACKUP_ID)
        return real(descriptor, how)

    monkeypatch.setattr(holding, "_lock", remove_first)
    with pytest.raises(ProgramError) as missing, hold_set(set_dir):
        raise AssertionError("it is gone, and must not be read")
    assert missing.value.code == "manifest_missing"


def test_a_set_without_manifest_or_that_only_may_be_read_is_no_obstacle(set_dir: Path) -> None:
    (set_dir / "manifest.json").chmod(0o400)
    with hold_set(set_dir):
        pass
    (set_dir / "manifest.json").unlink()
    with hold_set(set_dir), claim_set(set_dir) as is_free:
        assert is_free
