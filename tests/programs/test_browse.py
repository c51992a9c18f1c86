"""programs.browse: a set's tables and files, page by page, from its manifest and indexes alone."""

import base64
import io
import json
import random
import shutil
import zlib
from pathlib import Path
from typing import Any

import pytest

from programs.archive.members import is_own_directory
from programs.browse import MOST_ENTRIES, make_page
from programs.sets.manifest import parse_manifest
from programs.sets.tree_index import read_entries
from tests.programs.forgery import forge_set, read_plain
from tests.programs.workspace import Workspace

SAMPLE = Path(__file__).parent / "samples/mariadb-format-1"


def unpack(text: str) -> dict[str, Any]:
    page: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(text)))
    return page


def browse(workspace: Workspace, made: Path, **asked: str) -> dict[str, Any]:
    outcome = workspace.run("browse", SET_DIR=str(made), EXPECTED_TENANT="saint-paul", **asked)
    assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
    return unpack(str(outcome.result["page"]))


def walk(workspace: Workspace, made: Path, **asked: str) -> list[dict[str, Any]]:
    """All entries, page after page."""
    entries: list[dict[str, Any]] = []
    page = browse(workspace, made, **asked)
    while True:
        entries += page["entries"]
        if page["next"] is None:
            return entries
        page = browse(workspace, made, **asked, AFTER=str(page["next"]))


@pytest.fixture
def made(files_workspace: Workspace) -> Path:
    many = files_workspace.files / "default/files/many"
    many.mkdir(parents=True, exist_ok=True)
    for number in range(230):
        (many / f"Receipt {number:03d} of somebody.pdf").write_text(str(number))
    (files_workspace.files / "default/files" / ("long" * 60)).touch()
    return files_workspace.make_backup()


def test_all_files_of_a_directory_are_told_page_by_page(files_workspace: Workspace, made: Path) -> None:
    first = browse(files_workspace, made, LOOK="files", WITHIN="sites", BELOW="default/files/many")
    assert 1 < len(first["entries"]) <= MOST_ENTRIES and first["next"]
    entries = walk(files_workspace, made, LOOK="files", WITHIN="sites", BELOW="/default/files/many/")
    names = {f"default/files/many/Receipt {number:03d} of somebody.pdf" for number in range(230)}
    assert len(entries) == 230 and {entry["name"] for entry in entries} == names
    one = next(entry for entry in entries if entry["name"].endswith("123 of somebody.pdf"))
    path = files_workspace.files / one["name"]
    assert (one["bytes"], one["at"], one["mode"]) == (
        3,
        int(path.stat().st_mtime),
        f"{path.stat().st_mode & 0o7777:04o}",
    )


def test_the_root_of_each_tree_and_nothing_below_is_told(files_workspace: Workspace, made: Path) -> None:
    entries = walk(files_workspace, made, LOOK="files")
    names = (path.name.encode(errors="surrogateescape") for path in files_workspace.files.iterdir())
    on_disk = {("sites", name.decode(errors="backslashreplace")) for name in names if not is_own_directory(name)}
    assert {(entry["within"], entry["name"]) for entry in entries} == on_disk | {("private", "document.txt")}


def test_a_name_is_found_at_any_depth_and_in_any_letter_case(files_workspace: Workspace, made: Path) -> None:
    found = walk(files_workspace, made, LOOK="files", SEARCH="rECEIPT 00")
    assert len(found) == 10 and all(entry["within"] == "sites" for entry in found)
    assert walk(files_workspace, made, LOOK="files", SEARCH="receipt", WITHIN="private") == []
    assert walk(files_workspace, made, LOOK="files", SEARCH="receipt", WITHIN="sites", BELOW="default/file") == []
    assert walk(files_workspace, made, LOOK="files", SEARCH="no such thing") == []


def test_every_entry_of_the_index_can_be_reached(files_workspace: Workspace, made: Path) -> None:
    index = list(read_entries(io.BytesIO(read_plain(made, "sites.index.gz")), name="x"))
    reached: set[str] = set()
    pending = [""]
    while pending:
        below = pending.pop()
        for entry in walk(files_workspace, made, LOOK="files", WITHIN="sites", BELOW=below):
            reached.add(entry["name"])
            pending += [entry["name"]] if entry["kind"] == "directory" and entry["name"] != "default/files/many" else []
    shown = {
        entry.path
        for entry in index
        if entry.path.isprintable() and "default/files/many/" not in entry.path and len(entry.path) <= 2000
    }
    assert shown - {""} <= reached


def test_tables_are_told_with_their_rows(workspace: Workspace) -> None:
    made = workspace.make_backup(SCOPE="database")
    manifest = parse_manifest((made / "manifest.json").read_bytes())
    tables = walk(workspace, made)
    rows = {(entry["within"], entry["name"]): entry["rows"] for entry in tables if entry["kind"] == "table"}
    assert rows == {
        (name, table): item.rows
        for name, database in manifest.databases.items()
        for table, item in database.tables.items()
    }
    assert [entry["name"] for entry in tables if entry["kind"] == "view"]
    assert {entry["name"] for entry in walk(workspace, made, SEARCH="CONTACT", WITHIN="civilog")} == {"log_contact"}
    assert walk(workspace, made, LOOK="files") == []


def test_what_is_not_there_is_named(files_workspace: Workspace, made: Path) -> None:
    for asked in ({"WITHIN": "other"}, {"LOOK": "files", "WITHIN": "civicrm"}):
        outcome = files_workspace.run("browse", SET_DIR=str(made), EXPECTED_TENANT="saint-paul", **asked)
        assert outcome.error == "part_missing"
    for asked in ({"LOOK": "rows"}, {"AFTER": "-1"}, {"AFTER": "x"}, {"BELOW": "a/../.."}):
        outcome = files_workspace.run("browse", SET_DIR=str(made), EXPECTED_TENANT="saint-paul", **asked)
        assert outcome.error == "environment_invalid"
    outcome = files_workspace.run("browse", SET_DIR=str(SAMPLE), EXPECTED_TENANT="saint-paul", LOOK="files")
    assert outcome.error == "index_missing"
    assert [entry["name"] for entry in walk(files_workspace, SAMPLE, WITHIN="civilog")] == ["log_contact"]


def test_nothing_is_told_of_a_set_that_somebody_altered(files_workspace: Workspace, made: Path, tmp_path: Path) -> None:
    asked = {"LOOK": "files", "EXPECTED_TENANT": "saint-paul"}
    forged = forge_set(made, tmp_path / "forged", key=b"x" * 32)
    assert files_workspace.run("browse", SET_DIR=str(forged), **asked).error == "signature_invalid"
    assert (
        files_workspace.run("browse", SET_DIR=str(made), **{**asked, "EXPECTED_TENANT": "other"}).error
        == "other_tenant"
    )
    other = Path(shutil.copytree(made, tmp_path / "other"))
    lie = read_plain(made, "private.index.gz").replace(b"document", b"elsewher")
    forge_set(made, tmp_path / "lie", contents={"private.index.gz": lie})
    shutil.copy(tmp_path / "lie/private.index.gz", other / "private.index.gz")
    assert files_workspace.run("browse", SET_DIR=str(other), **asked).error == "artifact_damaged"


def test_a_page_fits_a_result_whatever_the_names() -> None:
    chance = random.Random(7)
    names = [chance.randbytes(60).hex() for _ in range(400)]
    entries = ((number, {"name": name}) for number, name in enumerate(names, 1))
    text = make_page(entries)
    page = unpack(text)
    assert len(text) <= 3200 and 0 < len(page["entries"]) < 100 and page["next"] == len(page["entries"])
