"""programs.run.data_sets: what an instance's data is called, where it lies and what is left out is told, not known."""

from pathlib import Path
from typing import Any

import pytest

from programs.run.data_sets import read_data_sets, read_trees
from programs.run.failures import ProgramError
from tests.programs.data_sets import declare, make_env


@pytest.fixture
def sets(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "drafts").mkdir()
    trees = {"uploads": tmp_path / "uploads", "drafts": tmp_path / "drafts"}
    return declare(trees, ("wiki",), settings="drafts")


def test_other_names_than_ours_are_read(sets: dict[str, Any], tmp_path: Path) -> None:
    sets["trees"]["uploads"]["left_out"] = {"cache/*": "It is made again.", "*/thumbs/[0-9]?.png": "So are these."}
    assert list(read_data_sets(make_env(sets)).databases) == ["wiki"]
    trees = read_trees(make_env(sets), scope="full")
    assert trees.items() == [("uploads", tmp_path / "uploads"), ("drafts", tmp_path / "drafts")]
    assert trees.settings_dir == tmp_path / "drafts"
    assert list(trees.declared["uploads"].left_out) == ["cache/*", "*/thumbs/[0-9]?.png"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("databases", "a`b"), {"data_class": "required", "loss": ""}),
        (("databases", "wiki", "data_class"), "dear"),
        (("databases", "wiki", "extra"), "x"),
        (("trees", "../x"), {}),
        (("trees", "uploads", "path"), "relative"),
        (("trees", "uploads", "path"), "/a\0b"),
        (("trees", "uploads", "data_class"), ""),
        (("trees", "uploads", "copied"), "warm"),
        (("trees", "uploads", "holds"), "secrets"),
        (("trees", "uploads", "left_out"), {"/etc": "absolute"}),
        (("trees", "uploads", "left_out"), {"../x": "outside"}),
        (("trees", "uploads", "left_out"), {"a/../../x": "outside"}),
        (("trees", "uploads", "left_out"), {"": "everything"}),
        (("trees", "uploads", "left_out"), {".": "everything"}),
        (("trees", "uploads", "left_out"), {"a\\b": "an escape"}),
        (("trees", "uploads", "left_out"), {"a\nb": "two lines"}),
        (("trees", "uploads", "left_out"), {"cache": ""}),
        (("trees", "uploads", "left_out"), ["cache"]),
        (("trees",), []),
    ],
)
def test_a_declaration_of_another_shape_is_refused(sets: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    place: Any = sets
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ProgramError) as refused:
        read_data_sets(make_env(sets))
    assert (refused.value.code, refused.value.params) == ("environment_invalid", {"variable": "DATA_SETS"})


@pytest.mark.parametrize("text", ["{", "[]", "{}", "null"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ProgramError, match="DATA_SETS"):
        read_data_sets({"DATA_SETS": text})


def test_a_directory_is_declared_once(sets: dict[str, Any]) -> None:
    sets["trees"]["drafts"]["path"] = sets["trees"]["uploads"]["path"] + "/"
    with pytest.raises(ProgramError, match="DATA_SETS"):
        read_data_sets(make_env(sets))


def test_a_required_tree_must_be_there_and_another_may_be_missing(sets: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "drafts").rmdir()
    with pytest.raises(ProgramError, match="DATA_SETS"):
        read_trees(make_env(sets), scope="files")
    assert read_trees(make_env(sets), scope="database").declared
    sets["trees"]["drafts"]["data_class"] = "optional"
    trees = read_trees(make_env(sets), scope="files")
    assert trees.absent == ("drafts",) and [name for name, _path in trees.items()] == ["uploads"]


def test_pods_of_before_say_it_in_other_variables(tmp_path: Path) -> None:
    env = {"DATABASES": "one two", "FILES_DIR": str(tmp_path), "PRIVATE_DIR": str(tmp_path)}
    declared = read_data_sets(env)
    assert list(declared.databases) == ["one", "two"]
    assert {name: tree.left_out for name, tree in declared.trees.items()} == {"sites": {}, "private": {}}
    assert read_trees(env, scope="full").settings_dir == tmp_path
    with pytest.raises(ProgramError, match="FILES_DIR"):
        read_trees({**env, "FILES_DIR": "/no/such/directory"}, scope="full")
    with pytest.raises(ProgramError, match="DATABASES"):
        read_data_sets({"DATABASES": "a a"})
