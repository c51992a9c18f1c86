"""programs.archive.tree: what changes is said, what cannot be read fails, what is no file is left out and said."""

import os
import socket
import tarfile
import threading
from pathlib import Path

import pytest

from programs.archive.tree import archive_tree, make_tar_failure
from programs.run.failures import ProgramError
from programs.sets.manifest import parse_manifest
from tests.programs.workspace import Workspace, make_backup_id, wait_until


def list_members(path: Path) -> set[str]:
    with tarfile.open(path, errors="surrogateescape") as tar:
        return set(tar.getnames())


def test_specials_are_left_out_and_said(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "dir").mkdir(parents=True)
    os.mkfifo(root / "dir/fi*fo")
    (root / "dir/fixfo").write_text("kept")
    directory = os.open(root, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"/proc/self/fd/{directory}/sock[et]")  # a path of a socket is short
        archived = archive_tree(root, tmp_path / "out.tar.gz", codec="gzip")
    os.close(directory)
    assert sorted(archived.specials) == ["dir/fi*fo", "sock[et]"]
    assert list_members(tmp_path / "out.tar.gz") == {".", "./dir", "./dir/fixfo"}
    assert archived.tar_exit == 0


def test_own_directories_are_left_out_at_the_root_only(tmp_path: Path) -> None:
    root = tmp_path / "root"
    own = (".restore-20261121T080000Z-5f3a9c", ".trash-20261121T080000Z-5f3a9c", "lost+found")
    for name in own:
        (root / name).mkdir(parents=True)
        (root / "below" / name).mkdir(parents=True)
        (root / f"{name}-not").touch()
    archive_tree(root, tmp_path / "out.tar.gz", codec="gzip")
    members = list_members(tmp_path / "out.tar.gz")
    assert not members & {f"./{name}" for name in own}
    assert members >= {f"./below/{name}" for name in own} | {f"./{name}-not" for name in own}


def test_a_file_that_changes_while_read_is_listed(files_workspace: Workspace) -> None:
    """Grown without pause: the second reading sees it change too, and the set stays good."""
    log = files_workspace.files / "busy.log"
    log.write_bytes(os.urandom(8_000_000))
    stop = threading.Event()

    def grow() -> None:
        with log.open("ab", buffering=0) as file:
            while not stop.is_set():
                file.write(b"line\n")

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        made = files_workspace.make_backup()
    finally:
        stop.set()
        thread.join(30)
    tree = parse_manifest((made / "manifest.json").read_bytes()).trees["sites"]
    assert tree.tar_exit == 1 and tree.changed_members == ["./busy.log"]
    outcome = files_workspace.run("verify", SET_DIR=str(made))
    assert outcome.code == 0 and outcome.result is not None
    assert "changed while they were read" in outcome.result["warnings"][0]


def test_files_made_and_deleted_meanwhile_do_not_fail_the_backup(files_workspace: Workspace) -> None:
    crowd = files_workspace.files / "crowd"
    crowd.mkdir()
    for number in range(3000):
        (crowd / str(number)).write_bytes(b"x" * 3000)
    process = files_workspace.start("backup", BACKUP_ID=make_backup_id())
    wait_until(lambda: list(files_workspace.backups.glob(".partial-*/sites*")))
    number = 0
    while process.poll() is None:
        (crowd / str(number)).unlink(missing_ok=True)
        (crowd / f"new-{number}").touch()
        number += 1
    outcome = files_workspace.finish(process)
    assert outcome.code == 0, outcome.stderr
    made = next(path for path in files_workspace.backups.iterdir() if not path.name.startswith("."))
    assert files_workspace.run("verify", SET_DIR=str(made)).code == 0


def test_a_link_out_of_the_tree_is_told_and_made_only_where_it_still_is(files_workspace: Workspace) -> None:
    (files_workspace.files / "out").symlink_to("/etc/passwd")
    (files_workspace.files / "in").symlink_to(files_workspace.files / "default/settings.php")
    made = files_workspace.make_backup()
    (files_workspace.files / "in").unlink()
    outcome = files_workspace.run("restore", SET_DIR=str(made), EXPECTED_TENANT="saint-paul")
    assert outcome.result is not None and outcome.result["ok"], outcome.result
    (warning,) = outcome.result["warnings"]
    assert "1 symbolic links lead out of the tree" in warning and warning.endswith(": out")
    assert (files_workspace.files / "out").readlink() == Path("/etc/passwd")
    assert (files_workspace.files / "in").read_text().startswith("<?php")
    (files_workspace.files / "out").unlink()
    outcome = files_workspace.run("restore", SET_DIR=str(made), EXPECTED_TENANT="saint-paul")
    assert outcome.result is not None and outcome.result["ok"], outcome.result
    assert any("not kept: 1 symbolic links" in said for said in outcome.result["warnings"])
    assert not (files_workspace.files / "out").is_symlink()


def test_no_more_specials_than_a_command_line_can_name(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for number in range(201):
        os.mkfifo(root / str(number))
    with pytest.raises(ProgramError) as caught:
        archive_tree(root, tmp_path / "out.tar.gz", codec="gzip")
    assert caught.value.code == "too_many_specials"


def test_an_unknown_complaint_of_tar_stays_a_failed_stage() -> None:
    error = ProgramError("stage_failed", "tar failed")
    assert make_tar_failure(["tar: something new"], error) is error
    named = make_tar_failure(["tar: ./x: Cannot open: Permission denied"], error)
    assert (named.code, named.params) == ("unreadable_file", {"member": "./x"})
