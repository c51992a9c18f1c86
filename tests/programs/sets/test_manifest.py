"""programs.sets.manifest: a manifest is exactly what the format says, or it is refused."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from programs.run.failures import ProgramError
from programs.sets.manifest import Manifest, make_artifact_name, parse_manifest, read_manifest_bytes
from programs.sets.signing import format_manifest

SHA = "0" * 64


def make_document() -> dict[str, Any]:
    """A small but whole manifest."""

    def artifact(name: str, kind: str, database: str | None, tree: str | None) -> dict[str, Any]:
        measures = {"stored_bytes": 1, "stored_sha256": SHA, "plain_bytes": 1, "plain_sha256": SHA}
        return {"name": name, "kind": kind, "database": database, "tree": tree, **measures}

    database = {
        "character_set": "utf8mb4",
        "collation": "utf8mb4_unicode_ci",
        "tables": {"t": {"engine": "InnoDB", "rows": 3}},
        **{kind: {"x": SHA} for kind in ("views", "triggers", "routines", "events", "sequences")},
        "definers": ["exploitant@%"],
    }
    tree = {"members": 1, "files": 0, "directories": 1, "symlinks": 0, "bytes": 0, "tar_exit": 0, "changed_members": []}
    return {
        "format": 1,
        "backup_id": "20261121T080000Z-5f3a9c",
        "tenant": "saint-paul",
        "instance": "saint-paul",
        "scope": "full",
        "mode": "hot",
        "codec": "gzip",
        "created_by": {"program": "p", "version": "1"},
        "started_at": "2026-11-21T08:00:00Z",
        "ended_at": "2026-11-21T08:00:01Z",
        "server": {"vendor": "mariadb", "version": "10", "client_version": "10", "lower_case_table_names": 0},
        "versions": {"civicrm": None, "drupal": None},
        "site": {"host": None, "files_dir": "/f", "private_dir": "/p"},
        "databases": {"civicrm": database},
        "trees": {"sites": tree, "private": tree},
        "artifacts": [
            artifact("civicrm.sql.gz", "database", "civicrm", None),
            artifact("sites.tar.gz", "tree", None, "sites"),
            artifact("private.tar.gz", "tree", None, "private"),
            artifact("instance.json", "state", None, None),
        ],
        "consistency": {
            "database_snapshot_at": None,
            "files_started_at": None,
            "files_ended_at": None,
            "statement": "s",
        },
        "warnings": [],
        "signature": None,
    }


def parse(document: dict[str, Any]) -> Manifest:
    return parse_manifest(json.dumps(document).encode())


def test_a_manifest_is_read_and_written_again_the_same() -> None:
    manifest = parse(make_document())
    assert manifest.databases["civicrm"].tables["t"].rows == 3
    assert parse_manifest(format_manifest(manifest)) == manifest


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("backup_id",), "../x"),
        (("tenant",), "Saint Paul"),
        (("instance",), ""),
        (("scope",), "all"),
        (("scope",), "files"),
        (("scope",), "database"),
        (("mode",), "warm"),
        (("codec",), "zstd"),
        (("server",), None),
        (("server", "lower_case_table_names"), -1),
        (("databases",), {}),
        (("trees", "third"), {}),
        (("artifacts", 0, "name"), "../civicrm.sql.gz"),
        (("artifacts", 0, "kind"), "tree"),
        (("artifacts", 0, "database"), "drupal"),
        (("artifacts", 0, "stored_sha256"), "0" * 63),
        (("artifacts", 1, "name"), "private.tar.gz"),
        (("artifacts", 3, "name"), "manifest.json"),
        (("artifacts", 0, "plain_bytes"), "1"),
        (("extra",), 1),
        (("format",), "1"),
    ],
)
def test_every_other_shape_is_refused(path: tuple[str | int, ...], value: object) -> None:
    document = make_document()
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ProgramError) as caught:
        parse(document)
    assert caught.value.code == "manifest_invalid"


def test_a_later_format_is_named() -> None:
    with pytest.raises(ProgramError) as caught:
        parse({"format": 3})
    assert caught.value.code == "format_unknown" and "3" in caught.value.message


def test_a_set_without_checksums_is_read_as_before() -> None:
    document = {**make_document(), "format": 1}
    tables = [table for database in document["databases"].values() for table in database["tables"].values()]
    assert tables
    for table in tables:
        table.pop("checksum", None)
    manifest = parse(document)
    assert all(item.checksum is None for one in manifest.databases.values() for item in one.tables.values())


def test_a_manifest_without_any_one_of_its_keys_is_refused() -> None:
    for name in make_document():
        document = copy.deepcopy(make_document())
        del document[name]
        with pytest.raises(ProgramError):
            parse(document)


def test_noise_is_refused_and_never_an_unforeseen_error() -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    whole = json.dumps(make_document()).encode()
    for _ in range(500):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            parse_manifest(bytes(data[: chance.choice([len(data), chance.randrange(len(data))])]))
        except ProgramError as error:
            assert error.code in ("manifest_invalid", "format_unknown"), seed


def test_a_missing_or_endless_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgramError) as caught:
        read_manifest_bytes(tmp_path)
    assert caught.value.code == "manifest_missing"
    with (tmp_path / "manifest.json").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(ProgramError) as caught:
        read_manifest_bytes(tmp_path)
    assert caught.value.code == "manifest_invalid"


def test_artifacts_are_named_after_what_they_hold() -> None:
    assert make_artifact_name("civicrm", kind="database", codec="gzip") == "civicrm.sql.gz"
    assert make_artifact_name("sites", kind="tree", codec="zstd") == "sites.tar.zst"
