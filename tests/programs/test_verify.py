"""programs.verify: any damage to a set is found, and the bad artifact or member is named."""

import dataclasses
import gzip
import io
import json
import os
import random
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from programs.run.durable import write_atomically
from programs.run.failures import ProgramError
from programs.sets.manifest import Manifest, parse_manifest
from programs.sets.signing import compute_sha256, format_manifest, sign_manifest
from programs.verify import check_set
from tests.conftest import ParishDatabases
from tests.programs.parish import make_files, make_parish
from tests.programs.workspace import KEY, Workspace
from tests.servers import MariaDbServer

SAMPLES = Path(__file__).parent / "samples"  # see its README.md
INDEXES = ["sites.index.gz", "private.index.gz"]
ARTIFACTS = [
    *("civicrm.sql.gz", "drupal.sql.gz", "civilog.sql.gz", "sites.tar.gz", "private.tar.gz", "instance.json"),
    *INDEXES,
]


@pytest.fixture(scope="module")
def good_set(database_server: MariaDbServer) -> Iterator[Path]:
    """One good set, made once: each test damages a copy."""
    if database_server.process is None:
        database_server.start()
    database_server.reset(password="plain")
    workspace = Workspace(ParishDatabases(server=database_server, user="exploitant", password="plain"))
    make_parish(database_server, contacts=30)
    make_files(workspace.files)
    (workspace.private / "document.txt").write_text("private\n")
    state = workspace.home / "state.json"
    state.write_text('{"plan": "standard"}')
    yield workspace.make_backup(DESIRED_STATE_FILE=str(state))
    workspace.remove()


@pytest.fixture
def made(good_set: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good_set, tmp_path / "set"))


def check_refused(made: Path, *codes: str, key: bytes | None = KEY) -> ProgramError:
    with pytest.raises(ProgramError) as caught:
        check_set(made, key=key, expected_tenant="saint-paul")
    assert caught.value.code in codes
    return caught.value


def sign_again(made: Path, change: Callable[[Manifest], Manifest]) -> None:
    """Alter the manifest as somebody with the key could, or a program with a fault."""
    manifest = parse_manifest((made / "manifest.json").read_bytes())
    write_atomically(made / "manifest.json", format_manifest(sign_manifest(change(manifest), key=KEY)))


def replace_artifact(made: Path, name: str, plain: bytes) -> None:
    """Put other content into the set, with measures and signature that fit."""
    stored = gzip.compress(plain)
    (made / name).write_bytes(stored)

    def change(manifest: Manifest) -> Manifest:
        measures = {
            "stored_bytes": len(stored),
            "stored_sha256": compute_sha256(stored),
            "plain_bytes": len(plain),
            "plain_sha256": compute_sha256(plain),
        }
        artifacts = [dataclasses.replace(a, **measures) if a.name == name else a for a in manifest.artifacts]
        return dataclasses.replace(manifest, artifacts=artifacts)

    sign_again(made, change)


def test_damage_to_an_artifact_names_it(made: Path) -> None:
    """Bit flips, cuts, additions and deletions at random places in each artifact."""
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    for name in ARTIFACTS:
        path = made / name
        whole = path.read_bytes()
        place = chance.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        for damaged in (bytes(flipped), whole[:place], whole + b"\0", b"", whole[1:] + whole[:1]):
            path.write_bytes(damaged)
            error = check_refused(made, "artifact_damaged")
            assert error.params["artifact"] == name, (seed, place)
        path.unlink()
        assert check_refused(made, "artifact_missing").params["artifact"] == name
        path.symlink_to("/dev/zero")
        assert check_refused(made, "artifact_damaged").params["artifact"] == name
        path.unlink()
        path.write_bytes(whole)
    assert check_set(made, key=KEY, expected_tenant="saint-paul").signature_checked


def test_swapped_artifacts_are_found(made: Path) -> None:
    first, second = made / "civicrm.sql.gz", made / "drupal.sql.gz"
    data = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(data)
    check_refused(made, "artifact_damaged")


def test_a_foreign_file_in_the_set_is_named(made: Path) -> None:
    (made / "extra.sql.gz").touch()
    assert check_refused(made, "artifact_unknown").params["artifact"] == "extra.sql.gz"


def test_a_directory_without_manifest_is_not_a_backup(made: Path) -> None:
    (made / "manifest.json").unlink()
    check_refused(made, "manifest_missing")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_a_manifest_that_is_no_file_is_refused_at_once(made: Path, make: Callable[[Path], None]) -> None:
    (made / "manifest.json").unlink()
    make(made / "manifest.json")
    check_refused(made, "manifest_invalid")


def test_every_edit_of_the_manifest_breaks_its_signature(made: Path) -> None:
    path = made / "manifest.json"
    whole = path.read_bytes()
    for old, new in ((b'"hot"', b'"cold"'), (b'"rows": 30', b'"rows": 31'), (b"saint-paul", b"saint-jean")):
        assert old in whole
        path.write_bytes(whole.replace(old, new))
        check_refused(made, "signature_invalid")
    document = json.loads(whole)
    document["signature"] = None
    path.write_text(json.dumps(document))
    check_refused(made, "signature_invalid")
    path.write_bytes(whole[:-10])
    check_refused(made, "manifest_invalid")
    path.write_bytes(whole)
    with pytest.raises(ProgramError) as caught:
        check_set(made, key=b"another key of some bytes", expected_tenant=None)
    assert caught.value.code == "signature_invalid"


def test_the_set_of_another_tenant_is_refused(made: Path) -> None:
    with pytest.raises(ProgramError) as caught:
        check_set(made, key=KEY, expected_tenant="sainte-marie")
    assert caught.value.code == "other_tenant" and caught.value.params["tenant"] == "saint-paul"


def test_a_dump_without_its_trailer_is_refused_even_when_signed(made: Path) -> None:
    plain = gzip.decompress((made / "civilog.sql.gz").read_bytes())
    replace_artifact(made, "civilog.sql.gz", plain[: plain.rindex(b"-- Dump completed")])
    error = check_refused(made, "dump_malformed")
    assert error.params["artifact"] == "civilog.sql.gz"


def test_a_dump_that_lacks_a_row_or_a_table_is_refused_even_when_signed(made: Path) -> None:
    plain = gzip.decompress((made / "drupal.sql.gz").read_bytes())
    replace_artifact(made, "drupal.sql.gz", plain.replace(b"(NULL),\n", b"", 1))
    assert check_refused(made, "counts_differ").params["artifact"] == "drupal.sql.gz"
    replace_artifact(made, "drupal.sql.gz", plain.replace(b"CREATE TABLE `123`", b"CREATE TABLE `124`", 1))
    check_refused(made, "counts_differ", "dump_malformed")


def make_tar(**names: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        root = tarfile.TarInfo("./")
        root.type = tarfile.DIRTYPE
        tar.addfile(root)
        for name, data in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def test_a_check_judges_as_a_restore_does(made: Path) -> None:
    plain = gzip.decompress((made / "drupal.sql.gz").read_bytes())
    replace_artifact(made, "drupal.sql.gz", plain.replace(b"UNLOCK TABLES;", b"SET GLOBAL a=1;", 1))
    for loaded in ((), ("civicrm",), ("civicrm", "drupal", "civilog")):
        with pytest.raises(ProgramError) as caught:
            check_set(made, key=KEY, expected_tenant=None, loaded=loaded)
        assert caught.value.code == "hostile_sql" and caught.value.params["artifact"] == "drupal.sql.gz"


def test_what_is_not_understood_is_told_by_a_check_and_refused_by_a_restore(made: Path) -> None:
    plain = gzip.decompress((made / "drupal.sql.gz").read_bytes())
    assert b"ENGINE=InnoDB" in plain
    replace_artifact(made, "drupal.sql.gz", plain.replace(b"ENGINE=InnoDB", b"ENGINE=InnoDB NEWS=1", 1))
    report = check_set(made, key=KEY, expected_tenant=None, loaded=("civicrm",))
    assert any("not understood in drupal: table " in warning for warning in report.warnings)
    with pytest.raises(ProgramError) as caught:
        check_set(made, key=KEY, expected_tenant=None, loaded=("drupal",))
    assert caught.value.code == "sql_not_understood" and caught.value.params["artifact"] == "drupal.sql.gz"
    assert report.longest_statements["civicrm"] > 500
    assert report.counts["sites"].members == report.manifest.trees["sites"].members


def test_a_tree_with_a_member_that_leaves_it_is_refused_even_when_signed(made: Path) -> None:
    replace_artifact(made, "private.tar.gz", make_tar(**{"./../escape": b"x"}))
    error = check_refused(made, "hostile_archive")
    assert "escape" in error.message and error.params["artifact"] == "private.tar.gz"


def test_a_tree_with_other_members_than_counted_is_refused_even_when_signed(made: Path) -> None:
    replace_artifact(made, "private.tar.gz", make_tar(**{"./a": b"x", "./b": b"y"}))
    assert check_refused(made, "counts_differ").params["artifact"] == "private.tar.gz"


def test_the_program_says_what_it_checked(made: Path) -> None:
    workspace = Workspace(None)
    try:
        outcome = workspace.run("verify", SET_DIR=str(made), EXPECTED_TENANT="saint-paul")
        assert outcome.code == 0 and outcome.result is not None
        assert outcome.result["ok"] and outcome.result["signature_checked"] is True
        assert json.loads(outcome.stdout.splitlines()[-1]) == {"progress": 100, "message": "the set is good"}
        without = workspace.run("verify", SET_DIR=str(made), MANIFEST_KEY_FILE="")
        assert without.result is not None and without.result["signature_checked"] is False
        assert "signature not checked" in without.result["warnings"]
        (made / "sites.tar.gz").unlink()
        assert workspace.run("verify", SET_DIR=str(made)).error == "artifact_missing"
        assert workspace.run("verify", SET_DIR="relative").code == 2
    finally:
        workspace.remove()


def test_a_set_survives_a_copy_and_changes_nothing(made: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(made, copy)
    before = {path.name: path.stat().st_mtime_ns for path in copy.iterdir()}
    check_set(copy, key=KEY, expected_tenant="saint-paul")
    assert {path.name: path.stat().st_mtime_ns for path in copy.iterdir()} == before


@pytest.mark.parametrize(("name", "version"), [("mysql-8.0", "8.0.46"), ("mysql-9.7", "9.7.4")])
def test_a_set_made_on_mysql_is_good(name: str, version: str) -> None:
    report = check_set(SAMPLES / name, key=KEY, expected_tenant="saint-paul")
    server = report.manifest.server
    assert server is not None and server.vendor == "mysql" and server.version.startswith(version)
    civicrm = report.manifest.databases["civicrm"]
    rows = {table: item.rows for table, item in civicrm.tables.items()}
    assert rows["contact"] == 6 and rows["modern"] == 3 and rows["place"] == 2 and rows["zero"] == 3
    assert set(civicrm.triggers) == {"after_contact", "o_1", "o_2", "o_3", "o`dd na-me"}
    assert set(civicrm.events) == {"purge_log", "ev 2", "ev`3"} and "vi`ew 2" in civicrm.views
    assert set(civicrm.routines) >= {"PROCEDURE pr o`c", "FUNCTION f_emoji"}


@pytest.mark.parametrize(("name", "version", "indexes"), [("mariadb-format-1", 1, 0), ("mariadb-format-2", 2, 0)])
def test_a_set_kept_from_before_is_good_and_its_damage_is_found(
    name: str, version: int, indexes: int, tmp_path: Path
) -> None:
    report = check_set(SAMPLES / name, key=KEY, expected_tenant="saint-paul")
    manifest = report.manifest
    assert manifest.format == version
    assert [item.kind for item in manifest.artifacts].count("index") == indexes
    assert report.counts["sites"].members == 10 and manifest.get_root("sites").endswith("/sites")
    assert all(tree.data_class is None and tree.left_out is None for tree in manifest.trees.values())
    for artifact in manifest.artifacts:
        made = tmp_path / artifact.name
        shutil.copytree(SAMPLES / name, made)
        data = bytearray((made / artifact.name).read_bytes())
        data[len(data) // 2] ^= 1
        (made / artifact.name).write_bytes(data)
        assert artifact.name in check_refused(made, "artifact_damaged").message


def test_the_progress_of_a_part_stays_within_its_share(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check_set(made, key=KEY, expected_tenant=None, share_percent=25)
    percents = [json.loads(line)["progress"] for line in capsys.readouterr().out.splitlines()]
    assert len(percents) == len(ARTIFACTS) and percents == sorted(percents) and 0 < percents[-1] < 25


@pytest.mark.parametrize(
    "name", ["@eaDir", ".snapshot", "Thumbs.db", "._manifest.json", ".DS_Store", "#recycle", ".nfs0f"]
)
def test_what_a_file_server_adds_is_not_in_the_way(files_workspace: Workspace, name: str) -> None:
    made = files_workspace.make_backup()
    (made / name).mkdir() if name.startswith(("@", ".s")) else (made / name).touch()
    outcome = files_workspace.run("verify", SET_DIR=str(made))
    assert outcome.result is not None and outcome.result["ok"], outcome.result
