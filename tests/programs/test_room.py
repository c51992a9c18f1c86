"""programs.room: no restore starts that would fill a volume."""

import dataclasses
import os
from pathlib import Path

import pytest

from programs.archive.members import MemberCounts
from programs.room import check_database_room, check_tree_room
from programs.run.failures import ProgramError
from tests.programs.state import make_client
from tests.programs.workspace import Workspace

COUNTS = MemberCounts(members=3, files=2, directories=1, symlinks=0, hardlinks=0, bytes=1 << 50, data_bytes=100)


def test_holes_take_no_room(tmp_path: Path) -> None:
    check_tree_room({"sites": tmp_path}, {"sites": COUNTS})


def test_trees_of_one_volume_are_added_up(tmp_path: Path) -> None:
    info = os.statvfs(tmp_path)
    most = dataclasses.replace(COUNTS, data_bytes=info.f_bavail * info.f_frsize * 2 // 3)
    check_tree_room({"sites": tmp_path}, {"sites": most})
    with pytest.raises(ProgramError) as caught:
        check_tree_room({"sites": tmp_path, "private": tmp_path}, {"sites": most, "private": most})
    assert caught.value.code == "no_space"


def test_inodes_are_counted(tmp_path: Path) -> None:
    info = os.statvfs(tmp_path)
    many = dataclasses.replace(COUNTS, members=info.f_favail + 1)
    with pytest.raises(ProgramError) as caught:
        check_tree_room({"sites": tmp_path}, {"sites": many})
    assert caught.value.code == "no_space"


def test_databases_need_more_than_their_dump(empty_workspace: Workspace) -> None:
    client = make_client(empty_workspace)
    check_database_room(client, {"civicrm": 1000, "drupal": 1000})
    with pytest.raises(ProgramError) as caught:
        check_database_room(client, {"civicrm": 1 << 60})
    assert caught.value.code == "no_space"


def test_a_server_elsewhere_answers_for_its_own_room(empty_workspace: Workspace) -> None:
    check_database_room(make_client(empty_workspace), {"not_here": 1 << 60})
