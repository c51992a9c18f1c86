"""programs.archive.swap: the contents of a volume are exchanged whole, wherever the exchange is cut."""

import errno
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from programs.archive.swap import (
    begin_swap,
    check_entries,
    finish_swap,
    forget_staged,
    list_entries,
    make_staging,
    prepare_swap,
    settle_tree,
)
from programs.run.failures import ProgramError
from tests.programs.trees import Entry, describe_tree
from tests.programs.workspace import ROOT

BACKUP_ID = "20261121T080000Z-5f3a9c"
OTHER_ID = "20261121T090000Z-000000"

# Runs finish_swap and dies, as by kill -9, just before the nth call of the system that changes names or modes.
KILLED_RUN = """
import os, signal, sys
from pathlib import Path
from programs.archive.swap import finish_swap
left = int(sys.argv[2])
def watch(event, args):
    global left
    if event in ("os.rename", "os.chmod", "os.mkdir", "os.remove", "os.utime", "subprocess.Popen"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
finish_swap(Path(sys.argv[1]), sys.argv[3])
"""


def fill(root: Path, mark: str) -> None:
    """A small tree whose entries have the same names and other contents for another mark."""
    (root / "default").mkdir()
    (root / "default/settings.php").write_text(mark)
    (root / "same.txt").write_text(mark)
    (root / f"only-{mark}").mkdir()
    (root / f"only-{mark}/file").write_text(mark)
    (root / "link").symlink_to(mark)
    (root / f"kind-{'changes' if mark else ''}").mkdir() if mark == "old" else (root / "kind-changes").touch()
    os.chmod(root / "default", 0o555)


def make_volume(root: Path) -> tuple[dict[bytes, Entry], dict[bytes, Entry]]:
    """A live tree and a staged one; return both."""
    root.mkdir()
    fill(root, "old")
    (root / "lost+found").mkdir()
    old = describe_tree(root)
    staged = make_staging(root, BACKUP_ID)
    fill(staged, "new")
    os.chmod(staged, 0o750)
    return old, describe_tree(staged)


def describe_without_own(root: Path) -> dict[bytes, Entry]:
    return {path: entry for path, entry in describe_tree(root).items() if path != b"lost+found"}


def test_the_new_tree_takes_the_place_of_the_old(tmp_path: Path) -> None:
    root = tmp_path / "volume"
    _, new = make_volume(root)
    prepare_swap(root, BACKUP_ID)
    begin_swap(root, BACKUP_ID)
    finish_swap(root, BACKUP_ID)
    assert describe_without_own(root) == new
    assert stat.S_IMODE(os.stat(root).st_mode) == 0o750
    assert (root / "lost+found").is_dir()


def test_an_exchange_killed_before_any_of_its_steps_is_finished_by_the_next(tmp_path: Path) -> None:
    killed = 0
    for number in range(200):
        root = tmp_path / f"volume{number}"
        _, new = make_volume(root)
        prepare_swap(root, BACKUP_ID)
        begin_swap(root, BACKUP_ID)
        arguments = [sys.executable, "-c", KILLED_RUN, str(root), str(number), BACKUP_ID]
        code = subprocess.run(arguments, cwd=ROOT, timeout=180).returncode
        if code == 0:
            break
        assert code == -9
        killed += 1
        settle_tree(root)
        assert describe_without_own(root) == new
    assert killed > 15


def test_an_exchange_needs_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "volume"
    _, new = make_volume(root)
    prepare_swap(root, BACKUP_ID)

    def refuse(path: str, *_: object, **__: object) -> None:
        raise OSError(errno.EEXIST if os.path.exists(path) else errno.ENOSPC, "", path)

    monkeypatch.setattr(os, "mkdir", refuse)
    begin_swap(root, BACKUP_ID)
    finish_swap(root, BACKUP_ID)
    monkeypatch.undo()
    assert describe_without_own(root) == new


def test_what_was_only_staged_is_forgotten(tmp_path: Path) -> None:
    root = tmp_path / "volume"
    old, _ = make_volume(root)
    assert settle_tree(root) == []
    assert describe_tree(root) == old


def test_a_begun_exchange_is_not_forgotten(tmp_path: Path) -> None:
    root = tmp_path / "volume"
    _, new = make_volume(root)
    prepare_swap(root, BACKUP_ID)
    begin_swap(root, BACKUP_ID)
    forget_staged(root)
    (said,) = settle_tree(root)
    assert "finished first" in said
    assert describe_without_own(root) == new


def test_what_appeared_meanwhile_does_not_stop_it(tmp_path: Path) -> None:
    root = tmp_path / "volume"
    _, new = make_volume(root)
    prepare_swap(root, BACKUP_ID)
    begin_swap(root, BACKUP_ID)
    (root / "meanwhile").mkdir()
    (root / "only-new").mkdir()
    (root / "only-new/other").touch()
    settle_tree(root)
    assert describe_without_own(root) == new


def test_the_next_restore_of_another_set_finishes_it_too(tmp_path: Path) -> None:
    root = tmp_path / "volume"
    make_volume(root)
    prepare_swap(root, BACKUP_ID)
    begin_swap(root, BACKUP_ID)
    settle_tree(root)
    staged = make_staging(root, OTHER_ID)
    (staged / "third").touch()
    prepare_swap(root, OTHER_ID)
    begin_swap(root, OTHER_ID)
    finish_swap(root, OTHER_ID)
    assert list_entries(root) == ["third"]


def test_names_that_are_no_text_are_exchanged(tmp_path: Path) -> None:
    root = tmp_path / "volume"
    make_volume(root)
    name = os.fsdecode(b"\xff\xfe\n")
    (root / f".restore-{BACKUP_ID}/tree" / name).mkdir()
    prepare_swap(root, BACKUP_ID)
    begin_swap(root, BACKUP_ID)
    finish_swap(root, BACKUP_ID)
    assert name in list_entries(root)


def finish_as(user: int, root: Path) -> int:
    """Finish the exchange in a child that has become an ordinary user; return its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            finish_swap(root, BACKUP_ID)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_an_ordinary_user_exchanges_directories_it_may_not_write() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        root = Path(home, "volume")
        _, new = make_volume(root)
        prepare_swap(root, BACKUP_ID)
        begin_swap(root, BACKUP_ID)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-hR", "65534:65534", str(root)], check=True, timeout=180)
        assert finish_as(65534, root) == 0
        found = describe_without_own(root)
    assert {path: entry[4:] for path, entry in found.items()} == {path: entry[4:] for path, entry in new.items()}


def test_an_entry_that_is_a_mount_point_is_refused_first() -> None:
    with pytest.raises(ProgramError) as caught:
        check_entries(Path("/"))
    assert caught.value.code == "nested_mount"


def run_as(user: int, work: Callable[[], object]) -> str:
    """Run in a child that has become an ordinary user; what it returned or raised, as text."""
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            text = repr(work())
        except ProgramError as error:
            text = f"{error.code}: {error.message}"
        except BaseException as error:  # noqa: BLE001 - told to the parent
            text = repr(error)
        os.write(sender, text.encode())
        os._exit(0)
    os.close(sender)
    os.waitpid(child, 0)
    with open(receiver, "rb") as pipe:
        return pipe.read().decode()


@pytest.fixture
def owned_volume() -> Iterator[Path]:
    """A volume, ready to be exchanged, that belongs to an ordinary user."""
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        root = Path(home, "volume")
        make_volume(root)
        prepare_swap(root, BACKUP_ID)
        subprocess.run(["chown", "-hR", "65534:65534", str(root)], check=True, timeout=180)
        yield root
        subprocess.run(["chattr", "-R", "-i", str(root)], check=False, capture_output=True, timeout=180)


def test_what_cannot_be_deleted_of_the_old_tree_is_no_failure(owned_volume: Path) -> None:
    root = owned_volume
    foreign = next(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    (foreign / "php").mkdir()
    (foreign / "php/a.php").touch()  # root's, as `sudo drush` leaves it
    begin_swap(root, BACKUP_ID)
    said = run_as(65534, lambda: finish_swap(root, BACKUP_ID))
    assert "cannot be deleted" in said and f".trash-{BACKUP_ID}" in said
    assert "only-new" in list_entries(root)
    assert not (root / f".restore-{BACKUP_ID}/journal.json").exists()
    said = run_as(65534, lambda: settle_tree(root))
    assert "cannot be deleted" in said, "the next restore says it again, and is not stopped"
    assert "Error" not in run_as(65534, lambda: make_staging(root, BACKUP_ID))


def test_what_cannot_be_moved_is_found_before(owned_volume: Path) -> None:
    root = owned_volume
    assert run_as(65534, lambda: check_entries(root)) == "None"
    (root / "all_modules").mkdir()  # root's
    assert run_as(65534, lambda: check_entries(root)).startswith("unmovable: ")
    (root / "all_modules").rmdir()
    os.chmod(root, 0o555)
    assert run_as(65534, lambda: check_entries(root)).startswith("unmovable: ")


def test_an_immutable_file_is_found_before(tmp_path: Path) -> None:
    frozen = tmp_path / "services.yml"
    frozen.touch()
    subprocess.run(["chattr", "+i", str(frozen)], check=True, timeout=180)
    try:
        with pytest.raises(ProgramError) as caught:
            check_entries(tmp_path)
    finally:
        subprocess.run(["chattr", "-i", str(frozen)], check=True, timeout=180)
    assert caught.value.code == "unmovable" and "immutable" in caught.value.message
