"""Backup and restore of an instance of another blueprint: other databases, other trees, classes, things left out."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from programs.sets.manifest import parse_manifest
from tests.conftest import ParishDatabases
from tests.programs.data_sets import declare, make_env
from tests.programs.trees import describe_tree
from tests.programs.workspace import Outcome, Workspace


@pytest.fixture
def wiki(parish_databases: ParishDatabases) -> Iterator[Workspace]:
    """A wiki: the database `civicrm` of the server under our account is the only one that it declares."""
    workspace = Workspace(parish_databases)
    parish_databases.server.execute(
        "CREATE TABLE page (id INT PRIMARY KEY, text TEXT)",
        "INSERT INTO page VALUES (1, 'one'), (2, 'two')",
        database="civicrm",
    )
    for name in ("uploads/cache", "uploads/2026/thumbs", "extensions", "search"):
        (workspace.home / name).mkdir(parents=True)
    for name in ("uploads/cache/page.html", "uploads/2026/thumbs/a.png", "uploads/2026/a.png", "extensions/x.php"):
        (workspace.home / name).write_text(name)
    yield workspace
    workspace.remove()


def declare_wiki(workspace: Workspace) -> dict[str, Any]:
    home = workspace.home
    trees = {"uploads": home / "uploads", "extensions": home / "extensions", "search": home / "search"}
    sets = declare(trees, ("civicrm",))
    sets["trees"]["uploads"]["left_out"] = {"cache/*": "Pages are rendered again.", "*/thumbs": "Made of the pictures."}
    sets["trees"]["search"]["data_class"] = "optional"
    sets["trees"]["extensions"]["copied"] = "cold"
    return sets


def run(workspace: Workspace, program: str, sets: dict[str, Any], **changes: str) -> Outcome:
    outcome = workspace.run(program, **make_env(sets), EXPECTED_TENANT="saint-paul", **changes)
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
    return outcome


def back_up(workspace: Workspace, sets: dict[str, Any], number: int = 1, **changes: str) -> Path:
    backup_id = f"20261121T08000{number}Z-000000"
    run(workspace, "backup", sets, BACKUP_ID=backup_id, **changes)
    return workspace.backups / backup_id


def test_what_is_declared_is_backed_up_and_comes_back(wiki: Workspace) -> None:
    sets = declare_wiki(wiki)
    made = back_up(wiki, sets, MODE="cold")
    manifest = parse_manifest((made / "manifest.json").read_bytes())
    assert set(manifest.databases) == {"civicrm"} and set(manifest.trees) == {"uploads", "extensions", "search"}
    assert manifest.databases["civicrm"].loss == "civicrm is lost."
    uploads = manifest.trees["uploads"]
    assert (uploads.data_class, uploads.root) == ("required", str(wiki.home / "uploads"))
    assert uploads.left_out == sets["trees"]["uploads"]["left_out"] and uploads.files == 1
    assert manifest.trees["search"].data_class == "optional" and manifest.warnings == []
    before = describe_tree(wiki.home / "extensions")
    shutil.rmtree(wiki.home / "uploads/2026")
    (wiki.home / "extensions/x.php").write_text("changed")
    wiki.databases.server.execute("DELETE FROM civicrm.page")  # type: ignore[union-attr]
    run(wiki, "restore", sets, SET_DIR=str(made))
    assert (wiki.home / "uploads/2026/a.png").read_text() == "uploads/2026/a.png"
    assert (wiki.home / "uploads/cache").is_dir() and not list((wiki.home / "uploads/cache").iterdir())
    assert not (wiki.home / "uploads/2026/thumbs").exists()
    assert describe_tree(wiki.home / "extensions") == before
    assert wiki.databases.server.execute("SELECT COUNT(*) FROM civicrm.page") == [(2,)]  # type: ignore[union-attr]


def test_what_is_not_required_may_be_missing_and_is_told(wiki: Workspace) -> None:
    sets = declare_wiki(wiki)
    (wiki.home / "search").rmdir()
    made = back_up(wiki, sets)
    told = json.loads((made / "manifest.json").read_bytes())["warnings"]
    assert any(text.startswith("search: it is not there") for text in told)
    assert any(text.startswith("extensions: it is to be copied while the site is stopped") for text in told)
    (wiki.home / "search").mkdir()
    (wiki.home / "search/kept").touch()
    outcome = run(wiki, "restore", sets, SET_DIR=str(made))
    assert outcome.result is not None and (wiki.home / "search/kept").exists()
    assert any("search" in text for text in outcome.result["warnings"])
    shutil.rmtree(wiki.home / "uploads")
    refused = wiki.run("backup", **make_env(sets), BACKUP_ID="20261121T080009Z-000000")
    assert refused.error == "environment_invalid"
