"""The parts of a backup as they come, and the manifest they make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from programs.archive.members import MemberCounts
from programs.archive.tree import Archived, format_path
from programs.databases.client import Client, Vendor
from programs.databases.dump import Dumped
from programs.run.data_sets import DatabaseDeclaration, TreeDeclaration
from programs.run.environment import BackupEnvironment
from programs.run.failures import ProgramError
from programs.run.figures import FILES
from programs.run.streams import Measures
from programs.sets.manifest import (
    FORMAT,
    Artifact,
    Consistency,
    CreatedBy,
    Database,
    Manifest,
    Server,
    Site,
    Table,
    Tree,
    Versions,
)

PROGRAM = CreatedBy(program="civiparoisse-manager programs.backup", version="0.1.0")
_SNAPSHOT = "the databases are one snapshot"
_HOT_FILES = (
    "the files were read after it while the site ran: files may be newer than rows, "
    "and a file that a row names is missing only if it was deleted meanwhile"
)
_COLD_FILES = "the files were read after it while the site was stopped: both are of one moment"
_HOT_ONLY = "the files were read while the site ran"
_COLD_ONLY = "the files were read while the site was stopped"


def format_time(moment: datetime) -> str:
    """UTC, ISO 8601, to the second: 2026-11-21T08:00:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Parts:
    """What has been done so far."""

    started_at: datetime
    vendor: Vendor | None = None
    lower_case_table_names: int = 0
    civicrm_version: str | None = None
    dumped: Dumped | None = None
    archived: dict[str, Archived] = field(default_factory=dict)
    counts: dict[str, MemberCounts] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    files_started_at: datetime | None = None
    files_ended_at: datetime | None = None
    # For the result, not for the manifest: when anybody last logged in (programs.logins), None when not known.
    logins: dict[str, str | None] | None = None
    newest_file: int | None = None  # seconds since 1970

    def add_artifact(
        self,
        name: str,
        measures: Measures,
        *,
        database: str | None = None,
        tree: str | None = None,
        is_index: bool = False,
    ) -> None:
        """One file of the set."""
        kind = "index" if is_index else "database" if database else "tree" if tree else "state"
        self.artifacts.append(
            Artifact(
                name=name,
                kind=kind,
                database=database,
                tree=tree,
                stored_bytes=measures.stored_bytes,
                stored_sha256=measures.stored_sha256,
                plain_bytes=measures.plain_bytes,
                plain_sha256=measures.plain_sha256,
            )
        )

    def add_archived(self, tree: str, archived: Archived) -> None:
        """One tree, with what must be said of it."""
        self.archived[tree] = archived
        if archived.changed_members:
            number = len(archived.changed_members)
            self.warnings.append(
                f"{tree}: {number} members changed while they were read: {archived.changed_members[0]}"
            )
        if archived.specials:
            number = len(archived.specials)
            self.warnings.append(f"{tree}: {number} sockets, fifos or devices left out: {archived.specials[0]}")

    def add_counts(self, tree: str, counts: MemberCounts) -> None:
        """What was read back of a tree."""
        self.counts[tree] = counts
        if counts.outside:
            number, first = len(counts.outside), format_path(counts.outside[0])
            self.warnings.append(
                f"{tree}: {number} symbolic links lead out of the tree: "
                f"a restore makes them only where they still are: {first}"
            )

    def add_newest(self, seconds: int | None) -> None:
        """When the newest file of a tree was written; None for a tree without any."""
        if seconds is not None:
            self.newest_file = max(seconds, self.newest_file or 0)

    def make_figures(self) -> dict[str, object] | None:
        """The figures that people know, as programs.figures tells them; None where nothing was counted."""
        counted = (self.dumped.figures if self.dumped is not None else None) or {}
        counts: dict[str, object] = dict(counted.get("counts", {}))
        if self.counts:
            newest = {} if self.newest_file is None else {"newest": self.newest_file}
            counts[FILES] = {"count": sum(one.files for one in self.counts.values()), **newest}
        return {"at": counted.get("at", int(self.started_at.timestamp())), "counts": counts} if counts else None

    def observe_versions(self, client: Client) -> None:
        """Versions for the manifest: the server's letter case, and CiviCRM's from its own table."""
        row = client.query(("@@lower_case_table_names",), "")[0]
        self.lower_case_table_names = int(row[0] or 0)
        for database in client.access.databases:
            if self.dumped is not None and "civicrm_domain" in self.dumped.inventory[database].tables:
                try:
                    rows = client.query(("version",), f"FROM {database}.civicrm_domain ORDER BY id LIMIT 1")
                except ProgramError as error:
                    self.warnings.append(f"the version of CiviCRM is not known: {error.code}")
                else:
                    self.civicrm_version = rows[0][0] if rows else None


def make_databases(dumped: Dumped, declared: Mapping[str, DatabaseDeclaration]) -> dict[str, Database]:
    """The inventory of the manifest: live objects and their hashes, rows as counted in the dump."""
    checksums = dumped.checksums or {}
    return {
        name: Database(
            character_set=live.character_set,
            collation=live.collation,
            tables={
                table: Table(engine, dumped.seen[name].tables[table], checksums.get(name, {}).get(table))
                for table, engine in live.tables.items()
            },
            views=live.views,
            triggers=live.triggers,
            routines=live.routines,
            events=live.events,
            sequences=live.sequences,
            definers=sorted(live.definers),
            data_class=declared[name].data_class if name in declared else None,
            loss=declared[name].loss if name in declared else None,
        )
        for name, live in dumped.inventory.items()
    }


def make_tree(archived: Archived, counts: MemberCounts, declared: TreeDeclaration) -> Tree:
    """What the manifest says of a tree."""
    return Tree(
        members=counts.members,
        files=counts.files,
        directories=counts.directories,
        symlinks=counts.symlinks,
        bytes=counts.bytes,
        tar_exit=archived.tar_exit,
        changed_members=archived.changed_members,
        root=declared.path,
        data_class=declared.data_class,
        loss=declared.loss,
        left_out=declared.left_out,
    )


def make_consistency(asked: BackupEnvironment, parts: Parts) -> Consistency:
    """When each part was read, and what that promises."""
    cold = asked.mode == "cold"
    if asked.scope == "full":
        statement = f"{_SNAPSHOT}; {_COLD_FILES if cold else _HOT_FILES}"
    else:
        statement = _SNAPSHOT if asked.scope == "database" else _COLD_ONLY if cold else _HOT_ONLY
    return Consistency(
        database_snapshot_at=format_time(parts.dumped.snapshot_at) if parts.dumped else None,
        files_started_at=format_time(parts.files_started_at) if parts.files_started_at else None,
        files_ended_at=format_time(parts.files_ended_at) if parts.files_ended_at else None,
        statement=statement,
    )


def make_manifest(asked: BackupEnvironment, parts: Parts, *, ended_at: datetime) -> Manifest:
    """The manifest, not signed yet."""
    server = None
    if parts.vendor is not None:
        vendor = parts.vendor
        server = Server(vendor.name, vendor.version, vendor.client_version, parts.lower_case_table_names)
    return Manifest(
        format=FORMAT,
        backup_id=asked.backup_id,
        tenant=asked.tenant,
        instance=asked.instance,
        scope=asked.scope,
        mode=asked.mode,
        codec=asked.codec,
        created_by=PROGRAM,
        started_at=format_time(parts.started_at),
        ended_at=format_time(ended_at),
        server=server,
        versions=Versions(civicrm=parts.civicrm_version, drupal=None),
        site=Site(host=None),
        databases=make_databases(parts.dumped, asked.databases) if parts.dumped else {},
        trees={
            name: make_tree(archived, parts.counts[name], asked.trees.declared[name])
            for name, archived in parts.archived.items()
        },
        artifacts=parts.artifacts,
        consistency=make_consistency(asked, parts),
        warnings=parts.warnings,
        signature=None,
    )
