"""programs.sets.tree_check: an index that lies is found, by whoever made it and with whatever key."""

import io
import json
import shutil
from pathlib import Path

import pytest

from programs.run.failures import ProgramError
from programs.sets.manifest import NAME, parse_manifest
from programs.sets.tree_check import check_index_artifact, check_state_artifact, check_tree_artifact
from programs.sets.tree_index import format_entry, read_entries
from tests.programs.forgery import forge_set, read_plain
from tests.programs.workspace import Workspace


@pytest.fixture
def made(files_workspace: Workspace) -> Path:
    return files_workspace.make_backup()


def check(made: Path, *, tree: str = "sites") -> None:
    """Check a tree and its index, as `check_set` does."""
    manifest = parse_manifest((made / NAME).read_bytes())
    index = manifest.find_index(tree)
    archive = next(item for item in manifest.artifacts if item.kind == "tree" and item.tree == tree)
    assert index is not None
    check_index_artifact(made / index.name, index, codec=manifest.codec)
    check_tree_artifact(made / archive.name, archive, manifest)


def test_a_set_has_an_index_of_each_tree(made: Path) -> None:
    check(made)
    check(made, tree="private")
    entries = list(read_entries(io.BytesIO(read_plain(made, "private.index.gz")), name="private.index.gz"))
    assert [(entry.path, entry.kind, entry.size) for entry in entries] == [
        ("", "directory", 0),
        ("document.txt", "file", 8),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"size":8', b'"size":9'),
        (b"document.txt", b"settings.php"),
        (b'"mtime_ns":', b'"mtime_ns":1'),
        (b'"sha256":"', b'"sha256":"f'),
    ],
)
def test_an_index_that_lies_is_found_though_it_is_signed(
    made: Path, tmp_path: Path, before: bytes, after: bytes
) -> None:
    plain = read_plain(made, "private.index.gz")
    lie = plain.replace(before, after)
    if after.startswith(b'"sha256'):
        lie = lie.replace(lie[lie.index(after) + len(after) : lie.index(after) + len(after) + 1], b"", 1)
    assert lie != plain
    forged = forge_set(made, tmp_path / "forged", contents={"private.index.gz": lie})
    with pytest.raises(ProgramError) as refused:
        check(forged, tree="private")
    assert refused.value.code in ("index_differs", "index_invalid")
    assert refused.value.params == {"artifact": "private.index.gz"}


def test_an_index_with_a_line_too_few_or_too_many_is_found(made: Path, tmp_path: Path) -> None:
    lines = read_plain(made, "private.index.gz").splitlines(keepends=True)
    entry = next(iter(read_entries(io.BytesIO(lines[1]), name="x")))
    hidden = format_entry(entry).replace(b"document", b"elsewher")
    for number, changed in enumerate((lines[:1], [*lines, hidden], lines[::-1], [])):
        forged = forge_set(made, tmp_path / str(number), contents={"private.index.gz": b"".join(changed)})
        with pytest.raises(ProgramError, match="index_differs"):
            check(forged, tree="private")


def test_an_index_that_is_gone_or_not_named_is_found(made: Path, tmp_path: Path, files_workspace: Workspace) -> None:
    copy = Path(shutil.copytree(made, tmp_path / "copy"))
    (copy / "sites.index.gz").unlink()
    assert files_workspace.run("verify", SET_DIR=str(copy)).error == "artifact_missing"
    document = json.loads((made / NAME).read_bytes())
    document["artifacts"] = [item for item in document["artifacts"] if item["kind"] != "index"]
    copy = Path(shutil.copytree(made, tmp_path / "other"))
    (copy / NAME).write_text(json.dumps(document))
    assert files_workspace.run("verify", SET_DIR=str(copy)).error == "signature_invalid"


def test_a_bomb_is_not_opened_further_than_the_manifest_says(made: Path, tmp_path: Path) -> None:
    forged = forge_set(made, tmp_path / "forged", contents={"private.index.gz": bytes(50_000_000)})
    manifest = parse_manifest((forged / NAME).read_bytes())
    index = manifest.find_index("private")
    assert index is not None and index.stored_bytes < 300_000
    original = parse_manifest((made / NAME).read_bytes()).find_index("private")
    assert original is not None
    with pytest.raises(ProgramError, match="plain bytes|index_invalid"):
        check_index_artifact(forged / index.name, original, codec="gzip")


def test_the_desired_state_is_compared(made: Path) -> None:
    manifest = parse_manifest((made / NAME).read_bytes())
    with pytest.raises(ProgramError, match="artifact_missing"):
        check_state_artifact(made / "instance.json", manifest.artifacts[0])
