"""A set loses its name in one call, unless it is read; what has no name goes whole, and no link is followed."""

import os
from pathlib import Path

from programs.sets.holding import hold_set
from programs.sets.removal import TRASH, remove_trash, take_name

KEPT, REMOVED = "20261120T080000Z-5f3a9c", "20261121T080000Z-5f3a9c"


def make_sets(place: Path) -> None:
    for name in (KEPT, REMOVED):
        (place / name / "deep").mkdir(parents=True)
        (place / name / "manifest.json").write_text("{}")


def test_a_name_is_taken_once_nobody_reads(tmp_path: Path) -> None:
    make_sets(tmp_path)
    path, trash = tmp_path / REMOVED, tmp_path / f"{TRASH}{REMOVED}"
    with hold_set(path):
        assert not take_name(path, trash) and path.exists()
    assert take_name(path, trash)
    assert sorted(os.listdir(tmp_path)) == sorted([KEPT, trash.name])
    remove_trash(tmp_path)
    assert os.listdir(tmp_path) == [KEPT]


def test_a_link_in_the_trash_is_not_followed(tmp_path: Path) -> None:
    make_sets(tmp_path)
    (tmp_path / f"{TRASH}link").symlink_to(tmp_path / KEPT)
    remove_trash(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [KEPT, REMOVED]
    assert (tmp_path / KEPT / "manifest.json").exists()
