"""programs.assemble: the manifest says what was done, no more."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from programs.archive.members import MemberCounts
from programs.archive.tree import Archived
from programs.assemble import Parts, format_time, make_consistency, make_manifest
from programs.databases.client import Vendor
from programs.databases.dump import Dumped
from programs.databases.inventory import LiveDatabase
from programs.run.data_sets import TreeDeclaration, Trees
from programs.run.environment import BackupEnvironment
from programs.run.streams import Measures
from programs.sets.manifest import parse_manifest
from programs.sets.signing import format_manifest
from programs.sql.text import SeenObjects

NOW = datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC)
MEASURES = Measures(1, "0" * 64, 2, "1" * 64)


def make_asked(scope: str = "full", mode: str = "hot") -> BackupEnvironment:
    return BackupEnvironment(
        tenant="saint-paul",
        instance="saint-paul",
        backup_id="20261121T080000Z-5f3a9c",
        backups_dir=Path("/b"),
        work_dir=Path("/w"),
        scope=scope,
        mode=mode,
        codec="gzip",
        damaged_views="refuse",
        trees=Trees(
            {
                name: TreeDeclaration(f"/{name}", "required", "All is lost.", "hot", {"cache/*": "made again"}, "")
                for name in ("sites", "private")
            }
        ),
        server=None,
        manifest_key=b"k" * 32,
        desired_state_file=None,
    )


def make_parts() -> Parts:
    live = LiveDatabase("utf8mb4", "utf8mb4_unicode_ci", tables={"t": "InnoDB"}, definers={"b@%", "a@%"})
    parts = Parts(started_at=NOW, vendor=Vendor("mariadb", "10.11", "/c", "/d", "10.19"))
    seen = SeenObjects(tables={"t": 7})
    parts.dumped = Dumped(NOW, {"civicrm": live}, {"civicrm": seen}, {"civicrm": MEASURES}, {"civicrm": {"t": "12"}})
    parts.add_artifact("civicrm.sql.gz", MEASURES, database="civicrm")
    for tree in ("sites", "private"):
        parts.add_archived(tree, Archived(MEASURES, 1, ["./log"], ["fifo"]))
        parts.add_artifact(f"{tree}.tar.gz", MEASURES, tree=tree)
        parts.counts[tree] = MemberCounts(3, 1, 1, 1, 0, 10, 10)
    parts.files_started_at = parts.files_ended_at = NOW
    return parts


def test_the_manifest_is_one_that_can_be_read() -> None:
    manifest = make_manifest(make_asked(), make_parts(), ended_at=NOW + timedelta(seconds=5))
    assert parse_manifest(format_manifest(manifest)) == manifest
    table = manifest.databases["civicrm"].tables["t"]
    assert (table.rows, table.checksum) == (7, "12")
    assert manifest.databases["civicrm"].definers == ["a@%", "b@%"]
    assert manifest.trees["sites"].changed_members == ["./log"] and manifest.trees["sites"].tar_exit == 1
    assert (manifest.started_at, manifest.ended_at) == ("2026-11-21T08:00:00Z", "2026-11-21T08:00:05Z")
    assert len(manifest.warnings) == 4 and manifest.signature is None


@pytest.mark.parametrize(
    ("scope", "mode", "words"),
    [
        ("full", "hot", "while the site ran"),
        ("full", "cold", "both are of one moment"),
        ("database", "hot", "one snapshot"),
        ("files", "hot", "while the site ran"),
        ("files", "cold", "was stopped"),
    ],
)
def test_the_statement_promises_what_was_done(scope: str, mode: str, words: str) -> None:
    consistency = make_consistency(make_asked(scope, mode), make_parts())
    assert words in consistency.statement
    assert ("databases" in consistency.statement) is (scope != "files")


def test_times_are_utc() -> None:
    assert format_time(datetime(2026, 11, 21, 9, 0, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-21T08:00:00Z"
