"""Put back less than a database or a tree: one table, in place or beside the live one, or one file or directory.

Asked of programs.restore by RESTORE_TABLE (with DATABASE; RESTORE_AS: a new name beside) or RESTORE_PATH (with
RESTORE_TREE). As there the whole set is read back and judged first; then it is computed what the part would break: rows
that name rows which are not there then. Without ACCEPT_BROKEN=1 that is an error, before anything is touched.
"""

import dataclasses
import io
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from programs.archive.one_entry import Found, clean_path, extract_entry, open_parent, put_in_place
from programs.archive.stored import StoredReader, check_measures
from programs.archive.swap import forget_staged, make_staging, settle_tree
from programs.databases.client import Client
from programs.databases.load import Loader, check_server, observe_account
from programs.databases.one_table import BrokenKey, OneTable
from programs.databases.scratch import remove_scratch
from programs.room import check_database_room, require
from programs.run.environment import RestoreEnvironment, make_environment_error, read_choice, read_text
from programs.run.failures import SUMMARY_WARNINGS, ProgramError, Summary, report_progress
from programs.run.streams import CHUNK_BYTES
from programs.sets.manifest import get_measures
from programs.sets.selection import select_artifacts
from programs.verify import SetReport, check_set, make_summary

CHECK_PERCENT = 40  # of the progress: reading the whole set
SHOWN = 5


@dataclass(frozen=True)
class Part:
    """What is asked for: `table` (and `new_name` beside), or `tree` and `path`."""

    table: str
    new_name: str
    tree: str
    path: bytes
    accepts_broken: bool


def read_part(env: Mapping[str, str], asked: RestoreEnvironment) -> Part | None:
    """Return the part that is asked for; None where the restore is not of a part. Raise ProgramError."""
    if not env.get("RESTORE_TABLE") and not env.get("RESTORE_PATH"):
        return None
    name = re.compile(r"[^\x00/\\]{0,64}", re.DOTALL)
    accepted = "empty, or the name of a table"
    part = Part(
        table=read_text(env, "RESTORE_TABLE", pattern=name, accepted=accepted),
        new_name=read_text(env, "RESTORE_AS", pattern=re.compile(r"[A-Za-z0-9_]{0,64}"), accepted=accepted),
        tree=env.get("RESTORE_TREE") or "",
        path=clean_path(env["RESTORE_PATH"]) if env.get("RESTORE_PATH") else b"",
        accepts_broken=read_choice(env, "ACCEPT_BROKEN", choices=("0", "1"), default="0") == "1",
    )
    if bool(part.table) == bool(part.path):
        raise make_environment_error("RESTORE_PATH", "empty, where a table is asked for")
    if part.table and (asked.server is None or asked.database is None or asked.scope != "database"):
        raise make_environment_error("DATABASE", "the database of the table, with SCOPE=database")
    if part.path and (part.tree not in dict(asked.trees.items()) or asked.scope != "files"):
        raise make_environment_error("RESTORE_TREE", "the tree of the path, with SCOPE=files")
    return part


class PartRestore:
    """One run."""

    def __init__(self, asked: RestoreEnvironment, part: Part, *, scratch: Path) -> None:
        self.asked, self.part, self.scratch = asked, part, scratch
        self.touched = False
        self.warnings: list[str] = []

    def run(self) -> Summary:
        """Do it. Raise ProgramError, which says whether anything was touched."""
        try:
            report = check_set(
                self.asked.set_dir,
                key=self.asked.manifest_key,
                expected_tenant=self.asked.expected_tenant,
                loaded=(str(self.asked.database),) if self.part.table else (),
                share_percent=CHECK_PERCENT,
                beside=True,
            )
            if self.part.table:
                self._restore_table(report)
            else:
                self._restore_path(report)
        except ProgramError as error:
            error.params["touched"] = self.touched
            raise
        report_progress(100, "restored")
        told = [*self.warnings, *report.warnings][:SUMMARY_WARNINGS]
        return {**make_summary(report), "scope": self.asked.scope, "warnings": told}

    def _restore_table(self, report: SetReport) -> None:
        asked, part, manifest = self.asked, self.part, report.manifest
        assert asked.server is not None and asked.database is not None
        database = manifest.databases.get(asked.database)
        if database is None or part.table not in database.tables:
            raise make_missing(f"{asked.database}.{part.table}")
        client = Client(dataclasses.replace(asked.server, databases=(asked.database,)), scratch=self.scratch)
        vendor = client.observe_vendor()
        check_server(client, vendor, manifest)
        (artifact,) = select_artifacts(manifest, kind="database", names=(asked.database,))
        check_database_room(client, {asked.database: artifact.plain_bytes})
        loader = Loader(client, vendor, asked.set_dir, manifest, observe_account(client))
        everywhere = Client(asked.server, scratch=self.scratch)
        table = OneTable(loader, artifact, part.table, everywhere=everywhere)
        report_progress(50, "trying the table")
        try:
            scratch = table.make_scratch()
            if part.new_name:
                report_progress(80, "copying the table")
                self.touched = True
                table.put_beside(scratch, part.new_name)
                return
            self._judge(table.list_broken_keys(scratch), table.list_changed_columns(scratch))
        finally:
            remove_scratch(client)
        report_progress(80, "loading the table")
        self.touched = True
        table.replace()
        for definer in sorted(loader.definers):
            self.warnings.append(f"objects defined by {definer} now belong to {loader.account}")

    def _judge(self, broken: Sequence[BrokenKey], changed: Sequence[str]) -> None:
        """Say what the table breaks. Raise ProgramError (``part_breaks``) unless that is accepted."""
        told = [
            f"{key.rows} rows of {key.table} would name rows of {key.referenced} that are not there" for key in broken
        ]
        if changed:
            told.append(f"columns had another definition: {', '.join(changed[:SHOWN])}")
        if told and not self.part.accepts_broken:
            message = "; ".join(told[:SHOWN])
            hint = "restore the table beside under another name, or restore the whole database, or accept it"
            params = {"table": f"{self.asked.database}.{self.part.table}", "breaks": message}
            raise ProgramError("part_breaks", message, hint=hint, params=params)
        self.warnings += told

    def _restore_path(self, report: SetReport) -> None:
        asked, part, manifest = self.asked, self.part, report.manifest
        if part.tree not in manifest.trees:
            raise make_missing(part.tree)
        root = dict(asked.trees.items())[part.tree]
        self.warnings += settle_tree(root)
        open_parent(root, part.path)
        (artifact,) = select_artifacts(manifest, kind="tree", names=(part.tree,))
        require(str(root), "bytes", free=observe_free(root), needed=report.counts[part.tree].data_bytes)
        report_progress(60, "staging the files")
        staged = make_staging(root, manifest.backup_id)
        try:
            with StoredReader(asked.set_dir / artifact.name, codec=manifest.codec) as reader:
                stream = io.BufferedReader(reader, CHUNK_BYTES)  # kept: when it goes, it closes the reader
                origin = manifest.get_root(part.tree)
                found: Found = extract_entry(stream, staged, part.path, origin=origin, root=str(root))
                check_measures(artifact.name, found=reader.finish(), expected=get_measures(artifact))
        except BaseException:
            forget_staged(root)
            raise
        if found.counts != report.counts[part.tree]:
            raise ProgramError("counts_differ", f"{artifact.name} changed while it was read")
        report_progress(90, "putting the files in place")
        self.warnings += [f"{part.tree}: not kept: {note}" for note in found.notes]
        self.touched = True
        self.warnings += put_in_place(root, manifest.backup_id, part.path)


def observe_free(root: Path) -> int:
    """Bytes that are free for us on the volume of a tree."""
    info = os.statvfs(root)
    return info.f_bavail * info.f_frsize


def make_missing(name: str) -> ProgramError:
    """The error of a part that the set has not."""
    hint = "look into the set, and choose what it holds"
    return ProgramError("part_missing", f"the set has no {name}", hint=hint, params={"part": name})
