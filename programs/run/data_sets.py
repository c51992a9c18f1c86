"""What the blueprint declares of an instance's data, as the manager tells it to the programs: the variable DATA_SETS.

One JSON document: {"databases": {name: {data_class, loss}}, "trees": {name: {path, data_class, loss, copied, left_out,
holds}}}. No program knows a name by heart.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from programs.run.failures import ProgramError
from programs.run.strict_json import StrictJsonError, decode, parse_json

VARIABLE = "DATA_SETS"
CLASSES = ("required", "recommended", "optional")
COPIED = ("hot", "cold")
# What programs/sites knows how to read: the settings of Drupal and CiviCRM.
SETTINGS = "settings"
DATABASE_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1123
# Relative to the root, one directory or file or several by *, ? and [...]; nothing that tar would read otherwise.
PATTERN = re.compile(r"(?!/)(?!.*(?:^|/)\.{1,2}(?:/|$))[^\x00-\x1f\x7f\\]{1,300}")
# As pods of before this document were told: DATABASES, and these two.
OLDER_TREES = {"sites": ("FILES_DIR", "/app/web/sites", SETTINGS), "private": ("PRIVATE_DIR", "/app/private", "")}


@dataclass(frozen=True)
class DatabaseDeclaration:
    """`data_class`: what the instance is without it (required: nothing; recommended: damaged; optional: as good as
    before). `loss`: the same in a sentence."""

    data_class: str
    loss: str


@dataclass(frozen=True)
class TreeDeclaration:
    """One directory and what is below it. `copied`: while the site runs (hot), or only while it is stopped (cold).
    `left_out`: pattern below the root to the reason why it is in no set. `holds`: what programs must care for in it."""

    path: str
    data_class: str
    loss: str
    copied: str
    left_out: dict[str, str]
    holds: str


@dataclass(frozen=True)
class DataSets:
    """The document."""

    databases: dict[str, DatabaseDeclaration]
    trees: dict[str, TreeDeclaration]


@dataclass(frozen=True)
class Trees:
    """The live file trees by name. `absent`: those that are declared, not required, and not there."""

    declared: Mapping[str, TreeDeclaration] = field(default_factory=dict)
    absent: tuple[str, ...] = ()

    def items(self) -> list[tuple[str, Path]]:
        """Name of each tree in a set, and its directory."""
        return [(name, Path(tree.path)) for name, tree in self.declared.items() if name not in self.absent]

    def holds(self, name: str, what: str) -> bool:
        """Tell whether a tree is declared to hold something that programs must care for."""
        return self.declared[name].holds == what

    @property
    def settings_dir(self) -> Path | None:
        """The tree with the settings of the site; None where no tree is declared to hold them."""
        return next((path for name, path in self.items() if self.holds(name, SETTINGS)), None)


def make_refusal(name: str, accepted: str) -> ProgramError:
    """The error of one variable."""
    message = f"the environment variable {name} is wrong or missing"
    return ProgramError("environment_invalid", message, hint=f"accepted: {accepted}", params={"variable": name})


def read_data_sets(env: Mapping[str, str]) -> DataSets:
    """Return what the environment declares. Raise ProgramError environment_invalid."""
    text = env.get(VARIABLE)
    if not text:
        return _read_older(env)
    try:
        declared: DataSets = decode(DataSets, parse_json(text.encode(errors="surrogateescape")), where=VARIABLE)
    except StrictJsonError as error:
        raise make_refusal(VARIABLE, f"the JSON document that the manager writes ({error})") from error
    faults = [*_list_faults(declared)]
    if faults:
        raise make_refusal(VARIABLE, faults[0])
    return declared


def _list_faults(declared: DataSets) -> list[str]:
    faults = [f"databases: {name!r}" for name in declared.databases if not DATABASE_NAME.fullmatch(name)]
    faults += [f"trees: {name!r}" for name in declared.trees if not LABEL.fullmatch(name)]
    classes = {name: part.data_class for name, part in declared.databases.items()}
    classes |= {name: part.data_class for name, part in declared.trees.items()}
    faults += [f"{name}: {', '.join(CLASSES)}" for name, data_class in classes.items() if data_class not in CLASSES]
    for name, tree in declared.trees.items():
        if not tree.path.startswith("/") or "\0" in tree.path:
            faults.append(f"{name}: the absolute path of a directory")
        if tree.copied not in COPIED or tree.holds not in ("", SETTINGS):
            faults.append(f"{name}: copied {' or '.join(COPIED)}, holds nothing or {SETTINGS}")
        if not all(PATTERN.fullmatch(pattern) and reason for pattern, reason in tree.left_out.items()):
            faults.append(f"{name}: patterns below the directory, each with its reason")
    paths = [os.path.normpath(tree.path) for tree in declared.trees.values()]
    if len(set(paths)) != len(paths):
        faults.append("each directory once")
    return faults


def _read_older(env: Mapping[str, str]) -> DataSets:
    """What older pods say. Nothing is left out of such sets, and all of it is required."""
    names = (env.get("DATABASES") or "").split()
    if len(set(names)) != len(names) or not all(map(DATABASE_NAME.fullmatch, names)):
        raise make_refusal("DATABASES", "distinct names of letters, digits and _, between spaces")
    databases = {name: DatabaseDeclaration(data_class="required", loss="") for name in names}
    trees = {
        name: TreeDeclaration(env.get(variable) or default, "required", "", "hot", {}, holds)
        for name, (variable, default, holds) in OLDER_TREES.items()
    }
    return DataSets(databases, trees)


def read_trees(env: Mapping[str, str], *, scope: str) -> Trees:
    """Return the trees. They need not exist when only databases are asked for; otherwise those that are required."""
    declared = read_data_sets(env).trees
    absent = [name for name, tree in declared.items() if not os.path.isdir(tree.path)]
    for name in absent:
        if scope != "database" and declared[name].data_class == "required":
            variable = VARIABLE if env.get(VARIABLE) else OLDER_TREES[name][0]
            raise make_refusal(variable, "the absolute path of an existing directory")
    for name, tree in declared.items():
        if not tree.path.startswith("/") or "\0" in tree.path:
            raise make_refusal(OLDER_TREES[name][0], "the absolute path of an existing directory")
    return Trees(declared, () if scope == "database" else tuple(absent))
