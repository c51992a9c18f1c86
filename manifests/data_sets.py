"""What a blueprint declares of its data, read, and as the programs are told of it. Pure."""

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

from domain.cluster import Blueprint
from domain.data_sets import (
    CopyMode,
    DatabaseDeclaration,
    DataClass,
    DataDeclaration,
    FigureDeclaration,
    TreeDeclaration,
)
from domain.figures import FigureCode
from manifests.names import LABEL

LANGUAGES = ("en", "fr")
HOLDS = ("", "settings")
DATABASE_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
# As programs.run.data_sets reads it, in a pod of its own.
PATTERN = re.compile(r"(?!/)(?!.*(?:^|/)\.{1,2}(?:/|$))[^\x00-\x1f\x7f\\]{1,300}")
# As programs.run.figures reads it: a condition on columns that ends no statement and begins no comment.
CONDITION = re.compile(r"(?:(?!--)[A-Za-z0-9_ <>=!'(),]){0,300}")


def read_declaration(content: Mapping[str, Any], volumes: Mapping[str, object]) -> DataDeclaration:
    """Return the part `data` of a blueprint. Raise ValueError, TypeError or KeyError for another shape."""
    known = {"databases", "trees", "figures"}
    if not known - {"figures"} <= set(content) <= known or not content["databases"] or not content["trees"]:
        raise ValueError("data: databases and trees, one of each at least; figures")
    databases = {name: _make_database(name, **entry) for name, entry in content["databases"].items()}
    trees = {name: _make_tree(name, volumes, **entry) for name, entry in content["trees"].items()}
    if len({tree.path for tree in trees.values()}) != len(trees):
        raise ValueError("data: each directory once")
    figures = {
        FigureCode(code): _make_figure(code, databases, **entry) for code, entry in content.get("figures", {}).items()
    }
    return DataDeclaration(databases=databases, trees=trees, figures=figures)


def _make_database(name: str, *, loss: Mapping[str, str], **rest: str) -> DatabaseDeclaration:
    if not DATABASE_NAME.fullmatch(name) or set(rest) != {"class"}:
        raise ValueError(f"data: {name}: a name of letters, digits and _; class and loss")
    _check_loss(name, loss)
    return DatabaseDeclaration(data_class=DataClass(rest["class"]), loss=loss)


def _make_tree(
    name: str,
    volumes: Mapping[str, object],
    *,
    volume: str,
    path: str,
    loss: Mapping[str, str],
    copied: str,
    left_out: Mapping[str, str] | None = None,
    holds: str = "",
    **rest: str,
) -> TreeDeclaration:
    if not LABEL.fullmatch(name) or set(rest) != {"class"}:
        raise ValueError(f"data: {name}: a name of small letters, digits and -; class")
    if volume not in volumes or not path.startswith("/") or holds not in HOLDS:
        raise ValueError(f"data: {name}: a volume of the blueprint, an absolute path; holds nothing or settings")
    for pattern, reason in (left_out or {}).items():
        if not PATTERN.fullmatch(pattern) or not isinstance(reason, str) or not reason:
            raise ValueError(f"data: {name}: {pattern!r} is no pattern below it, or has no reason")
    _check_loss(name, loss)
    return TreeDeclaration(
        volume=volume,
        path=path,
        data_class=DataClass(rest["class"]),
        loss=loss,
        copied=CopyMode(copied),
        left_out=left_out or {},
        holds=holds,
    )


def _make_figure(code: str, databases: Mapping[str, object], **entry: Any) -> FigureDeclaration:
    figure = FigureDeclaration(**entry)
    names = (figure.table, figure.key, *(name for name in (figure.sum, figure.changed) if name))
    if code == FigureCode.FILES or figure.database not in databases or not all(map(DATABASE_NAME.fullmatch, names)):
        raise ValueError(f"data: {code}: rows of a table of a declared database, and names of columns")
    if not CONDITION.fullmatch(figure.where) or figure.where.count("'") % 2 or type(figure.repeats) is not bool:
        raise ValueError(f"data: {code}: {figure.where!r} is no condition on columns, or repeats no yes or no")
    return figure


def _check_loss(name: str, loss: Mapping[str, str]) -> None:
    if set(loss) != set(LANGUAGES) or not all(isinstance(text, str) and text for text in loss.values()):
        raise ValueError(f"data: {name}: say in {' and '.join(LANGUAGES)} what is lost without it")


def format_data_sets(blueprint: Blueprint, places: Mapping[str, str] | None = None) -> str:
    """Return the document of the programs' variable DATA_SETS. `places`: volume to the directory where it is, on
    engines whose programs see no pod's paths."""
    data = blueprint.data
    databases = {
        name: {"data_class": database.data_class.value, "loss": database.loss["en"]}
        for name, database in data.databases.items()
    }
    trees = {
        name: {
            "path": tree.path if places is None else places[tree.volume],
            "data_class": tree.data_class.value,
            "loss": tree.loss["en"],
            "copied": tree.copied.value,
            "left_out": dict(tree.left_out),
            "holds": tree.holds,
        }
        for name, tree in data.trees.items()
    }
    return json.dumps({"databases": databases, "trees": trees}, sort_keys=False, separators=(",", ":"))


def format_figures(blueprint: Blueprint) -> str:
    """Return the document of the programs' variable FIGURES."""
    figures = {
        code.value: {**dataclasses.asdict(figure), "repeats": int(figure.repeats)}
        for code, figure in blueprint.data.figures.items()
    }
    return json.dumps(figures, sort_keys=False, separators=(",", ":"))
