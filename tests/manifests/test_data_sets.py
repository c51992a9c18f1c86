"""manifests.data_sets: a blueprint says what its data is, and the programs read exactly that."""

import copy
from pathlib import Path
from typing import Any

import pytest

from domain.data_sets import CopyMode, DataClass
from manifests.blueprints import TEMPLATES, list_blueprints, load_blueprint
from manifests.data_sets import format_data_sets, read_declaration
from programs.run.data_sets import read_data_sets

LOSS = {"en": "All of it.", "fr": "Tout."}
VOLUMES = {"data": object()}
GOOD: dict[str, Any] = {
    "databases": {"wiki": {"class": "required", "loss": LOSS}},
    "trees": {
        "uploads": {
            "volume": "data",
            "path": "/data",
            "class": "optional",
            "copied": "cold",
            "loss": LOSS,
            "left_out": {"cache/*": "It is made again."},
        }
    },
}


def test_a_declaration_is_read() -> None:
    data = read_declaration(GOOD, VOLUMES)
    assert data.databases["wiki"].data_class is DataClass.REQUIRED
    tree = data.trees["uploads"]
    assert (tree.data_class, tree.copied, tree.holds) == (DataClass.OPTIONAL, CopyMode.COLD, "")
    assert tree.left_out == {"cache/*": "It is made again."} and tree.loss["fr"] == "Tout."


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("databases",), {}),
        (("trees",), {}),
        (("more",), {}),
        (("databases", "wi-ki"), {"class": "required", "loss": LOSS}),
        (("databases", "wiki", "class"), "dear"),
        (("databases", "wiki", "loss"), {"en": "All."}),
        (("databases", "wiki", "loss"), {"en": "All.", "fr": ""}),
        (("databases", "wiki", "extra"), "x"),
        (("trees", "Up"), GOOD["trees"]["uploads"]),
        (("trees", "other"), GOOD["trees"]["uploads"]),
        (("trees", "uploads", "volume"), "elsewhere"),
        (("trees", "uploads", "path"), "data"),
        (("trees", "uploads", "copied"), "warm"),
        (("trees", "uploads", "class"), ""),
        (("trees", "uploads", "holds"), "secrets"),
        (("trees", "uploads", "left_out"), {"../x": "Outside."}),
        (("trees", "uploads", "left_out"), {"/x": "Outside."}),
        (("trees", "uploads", "left_out"), {"cache": ""}),
    ],
)
def test_another_shape_is_refused(path: tuple[str, ...], value: object) -> None:
    content = copy.deepcopy(GOOD)
    place: Any = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises((ValueError, TypeError, KeyError)):
        read_declaration(content, VOLUMES)


@pytest.mark.parametrize("name", list_blueprints())
def test_the_programs_read_what_each_blueprint_declares(name: str) -> None:
    blueprint = load_blueprint(name)
    told = read_data_sets({"DATA_SETS": format_data_sets(blueprint)})
    assert list(told.databases) == list(blueprint.data.databases)
    assert {tree: declared.path for tree, declared in told.trees.items()} == {
        tree: declared.path for tree, declared in blueprint.data.trees.items()
    }
    assert all(told.trees[tree].loss == declared.loss["en"] for tree, declared in blueprint.data.trees.items())
    places = {volume: f"/srv/{volume}" for volume in blueprint.volumes}
    elsewhere = read_data_sets({"DATA_SETS": format_data_sets(blueprint, places)})
    assert all(tree.path.startswith("/srv/") for tree in elsewhere.trees.values())


def test_what_a_pod_sees_of_each_tree_is_where_its_templates_mount_it() -> None:
    for name in list_blueprints():
        restore = (Path(TEMPLATES) / name / "jobs/restore.yaml").read_text()
        for tree in load_blueprint(name).data.trees.values():
            assert f"mountPath: {tree.path}" in restore
