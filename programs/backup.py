"""Make one backup: `python3 -m programs.backup`, parameters in the environment (see programs.run.environment).

A set is good or it is not there: everything is written aside, read back, described by a signed manifest, and
only then given its name.
"""

import fcntl
import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from programs.archive.hindrances import describe_hindrances
from programs.archive.members import check_members
from programs.archive.stored import StoredReader, StoredWriter, check_measures
from programs.archive.tree import archive_tree
from programs.assemble import Parts, make_manifest
from programs.databases.client import PACKET_MARGIN_BYTES, Client, observe_longest_packet
from programs.databases.dump import dump_databases
from programs.databases.inventory import list_damaged_views, list_uncertain_columns, list_unsnapshotted
from programs.databases.privileges import check_privileges
from programs.databases.scratch import remove_scratch
from programs.logins import observe_logins
from programs.run.aside import Aside
from programs.run.durable import sync_directory, write_atomically
from programs.run.environment import BACKUP_ID, BackupEnvironment, read_backup_environment
from programs.run.failures import ProgramError, Summary, make_os_failure, report_progress, run_program
from programs.run.streams import CHUNK_BYTES, Measures
from programs.sets.manifest import (
    NAME,
    STATE_NAME,
    Artifact,
    get_measures,
    make_artifact_name,
    parse_manifest,
    read_manifest_bytes,
)
from programs.sets.pruning import Pruning, observe_room
from programs.sets.removal import remove_trash
from programs.sets.signing import compute_sha256, format_manifest, sign_manifest
from programs.sets.state import make_state, tell_figures
from programs.sets.told_retention import read_retention
from programs.sets.tree_check import check_index_artifact, check_state_artifact
from programs.sets.tree_index import IndexWriter
from programs.sql.refusals import format_refusal
from programs.sql.statements import judge_statements
from programs.verify import check_set, make_report, make_summary

PARTIAL = ".partial-"
LOCK = ".lock"
LOCK_SECONDS = 8.0
LOCK_POLL_SECONDS = 0.2
SCRATCH = "backup-scratch-"
SPACE_FACTOR = 1.5  # of the last good set (a set grows between two nights)


@contextmanager
def hold_lock(backups_dir: Path) -> Iterator[None]:
    """One backup at a time in a directory; the kernel frees it when the program dies. Raise backup_busy.
    What else holds it (programs/fullness.py) does so for moments, and is waited for."""
    descriptor = os.open(backups_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    message = "another backup of this instance is running"
                    raise ProgramError("backup_busy", message, hint="wait until it ends", retryable=True) from error
            time.sleep(LOCK_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def delete_leftovers(asked: BackupEnvironment) -> None:
    """Remove what dead runs left; the lock says that none is alive."""
    for path in [*asked.backups_dir.glob(f"{PARTIAL}*"), *asked.work_dir.glob(f"{SCRATCH}*")]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def check_space(asked: BackupEnvironment) -> None:
    """Raise no_space unless 1.5 times the last good set fits. A set that cannot be read does not count."""
    needed = compute_needed_bytes(asked)
    free = observe_room(asked.backups_dir)["free_bytes"]
    if free < needed:
        message = f"{free} bytes are free for backups, and {needed} are needed"
        hint = "give the instance a larger backup volume, keep fewer days, or use the codec zstd; then run again"
        raise ProgramError("no_space", message, hint=hint, params={"free": free, "needed": needed})


def compute_needed_bytes(asked: BackupEnvironment) -> int:
    """Return what the new set may take: 1.5 times the last good one of its scope; 0 without one."""
    for path in sorted(asked.backups_dir.iterdir(), reverse=True):
        if not BACKUP_ID.fullmatch(path.name):
            continue
        try:
            manifest = parse_manifest(read_manifest_bytes(path))
        except ProgramError:
            continue
        if manifest.scope == asked.scope:
            return int(SPACE_FACTOR * sum(item.stored_bytes for item in manifest.artifacts))
    return 0


def backup_databases(asked: BackupEnvironment, parts: Parts, *, partial: Path, scratch: Path) -> None:
    """Dump the databases into the partial set."""
    if asked.server is None:
        return
    report_progress(1, "looking at the databases")
    client = Client(asked.server, scratch=scratch)
    parts.vendor = client.observe_vendor()
    check_privileges(client)
    remove_scratch(client)  # of a killed restore: no backup is to hold it
    names = {db: make_artifact_name(db, kind="database", codec=asked.codec) for db in asked.server.databases}
    report_progress(5, "databases")
    files = {db: partial / name for db, name in names.items()}
    skip = asked.damaged_views == "skip"
    parts.dumped = dump_databases(
        client, parts.vendor, files=files, codec=asked.codec, skip_damaged_views=skip, figures=asked.figures
    )
    parts.observe_versions(client)
    parts.logins = observe_logins(client)
    for database, measures in parts.dumped.measures.items():
        parts.add_artifact(names[database], measures, database=database)
    for view in list_damaged_views(parts.dumped.inventory):
        parts.warnings.append(f"the view {view} is damaged and left out: the server cannot read it")
    allowed = observe_longest_packet(client) - PACKET_MARGIN_BYTES
    for database, seen in parts.dumped.seen.items():
        if seen.longest_insert > allowed:
            needed = seen.longest_insert + PACKET_MARGIN_BYTES
            parts.warnings.append(
                f"{database}: a server needs max_allowed_packet={needed} to take it back; here it is less"
            )
    for column in list_uncertain_columns(parts.dumped.inventory):
        parts.warnings.append(f"{column} has a value with ?: if it is an emoji, the server does not tell it to dumps")
    if parts.dumped.checksums is None:
        parts.warnings.append(
            "a restore will compare the number of rows and not their values: the account may not lock tables,"
            " or a session held one of them while the dump began"
        )
    for column in parts.dumped.unsure_defaults:
        parts.warnings.append(
            f"the default of {column} has a ?: if it is an emoji, the server does not tell it to dumps"
        )
    for thing in list_unsnapshotted(parts.dumped.inventory):
        parts.warnings.append(f"{thing} is outside of the snapshot: its rows may be newer")


def backup_trees(asked: BackupEnvironment, parts: Parts, *, partial: Path) -> None:
    """Archive the file trees into the partial set, after the databases: rows must not point to missing files."""
    if asked.scope == "database":
        return
    parts.files_started_at = datetime.now(UTC)
    for number, (tree, root) in enumerate(asked.trees.items()):
        report_progress(50 + 15 * number, f"files: {tree}")
        name = make_artifact_name(tree, kind="tree", codec=asked.codec)
        declared = asked.trees.declared[tree]
        parts.warnings += describe_hindrances(tree, root)
        archived = archive_tree(root, partial / name, codec=asked.codec, left_out=tuple(declared.left_out))
        parts.add_archived(tree, archived)
        if declared.copied == "cold" and asked.mode != "cold":
            parts.warnings.append(f"{tree}: it is to be copied while the site is stopped, and the site ran")
        parts.add_artifact(name, archived.measures, tree=tree)
    parts.files_ended_at = datetime.now(UTC)
    parts.warnings += [f"{tree}: it is not there, and not in the set" for tree in asked.trees.absent]


def add_state(asked: BackupEnvironment, parts: Parts, *, partial: Path) -> None:
    """Write the desired state into the partial set, so that the set alone suffices to rebuild the instance, and the
    figures that people know of what it holds."""
    data = make_state(asked.desired_state_file, parts.make_figures() if asked.figures else None)
    if data is None:
        return
    write_atomically(partial / STATE_NAME, data)
    digest = compute_sha256(data)
    parts.add_artifact(STATE_NAME, Measures(len(data), digest, len(data), digest))
    check_state_artifact(partial / STATE_NAME, parts.artifacts[-1])


def read_back_databases(partial: Path, artifacts: Sequence[Artifact], *, codec: str) -> list[str]:
    """Read every stored byte of the dumps again, decompressed: what is on the disk must be what was dumped. Return what
    a restore would refuse of them, as warnings."""
    refusals: list[ProgramError] = []
    for artifact in artifacts:
        with StoredReader(partial / artifact.name, codec=codec) as reader:
            stream = io.BufferedReader(reader, CHUNK_BYTES)  # kept: when it goes, it closes the reader
            judge_statements(stream, database=str(artifact.database), refusals=refusals)
            check_measures(artifact.name, found=reader.finish(), expected=get_measures(artifact))
    return [format_refusal(refusal) for refusal in refusals]


def read_back_trees(asked: BackupEnvironment, parts: Parts, *, partial: Path) -> None:
    """The same of the trees, whose members must be such as a restore will let through."""
    for number, artifact in enumerate(tuple(parts.artifacts)):
        if artifact.tree is not None:
            report_progress(80 + 3 * number, f"reading back {artifact.name}")
            read_back_tree(asked, parts, artifact, partial=partial)


def read_back_tree(asked: BackupEnvironment, parts: Parts, artifact: Artifact, *, partial: Path) -> None:
    """Read one tree back and write its index, which is read back too."""
    tree = str(artifact.tree)
    name = make_artifact_name(tree, kind="index", codec=asked.codec)
    with StoredReader(partial / artifact.name, codec=asked.codec) as reader:
        stream = io.BufferedReader(reader, CHUNK_BYTES)  # kept: when it goes, it closes the reader
        with StoredWriter(partial / name, codec=asked.codec) as stored:
            writer = IndexWriter(stored)
            parts.add_counts(tree, check_members(stream, root=asked.trees.declared[tree].path, note=writer.note))
            check_measures(artifact.name, found=reader.finish(), expected=get_measures(artifact))
            writer.flush()
            parts.add_newest(writer.newest_file)
            parts.add_artifact(name, stored.finish(), tree=tree, is_index=True)
    check_index_artifact(partial / name, parts.artifacts[-1], codec=asked.codec)


def make_set(asked: BackupEnvironment, *, scratch: Path) -> Parts:
    """Write, check, describe and sign the set, then give it its name; return what was done."""
    partial = asked.backups_dir / f"{PARTIAL}{asked.backup_id}"
    try:  # around mkdir too: a signal may come right after it
        partial.mkdir(mode=0o700)
        parts = Parts(started_at=datetime.now(UTC))
        backup_databases(asked, parts, partial=partial, scratch=scratch)
        dumps = tuple(parts.artifacts)
        # Beside tar, which mostly waits: the dumps are whole, and nobody changes them any more.
        with Aside(lambda: read_back_databases(partial, dumps, codec=asked.codec)) as judging:
            backup_trees(asked, parts, partial=partial)
            read_back_trees(asked, parts, partial=partial)
            add_state(asked, parts, partial=partial)
            report_progress(95, "reading back the databases")
            parts.warnings += judging.finish()
        report_progress(98, "signing")
        manifest = make_manifest(asked, parts, ended_at=datetime.now(UTC))
        data = format_manifest(sign_manifest(manifest, key=asked.manifest_key))
        parse_manifest(data)
        write_atomically(partial / NAME, data)
        sync_directory(partial)
        partial.rename(asked.backups_dir / asked.backup_id)
        sync_directory(asked.backups_dir)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return parts


def main(env: Mapping[str, str], *, now: datetime | None = None) -> Summary:
    """Make the backup of the environment, or find it made: the same BACKUP_ID gives the same result. What the manager's
    policy lets go is removed first where there is no room, and afterwards where it says so."""
    asked, told = read_backup_environment(env), read_retention(env)
    target = asked.backups_dir / asked.backup_id
    with hold_lock(asked.backups_dir):
        delete_leftovers(asked)
        remove_trash(asked.backups_dir)
        if target.exists():
            report = check_set(target, key=asked.manifest_key, expected_tenant=asked.tenant)
            return {**make_summary(report), **observe_room(asked.backups_dir)}
        pruning = Pruning(asked.backups_dir, told, key=asked.manifest_key, now=now or datetime.now(UTC))
        pruning.make_room(compute_needed_bytes(asked))
        check_space(asked)
        scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=asked.work_dir))
        try:
            parts = make_set(asked, scratch=scratch)
        except OSError as error:
            raise make_os_failure(error, doing="making the backup") from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        data = read_manifest_bytes(target)
        # The set is good whatever becomes of this.
        pruning.follow_rule()
        room = observe_room(asked.backups_dir)
    report_progress(100, "the backup is good")
    told_logins: Summary = {} if parts.logins is None else {"logins": parts.logins}
    summary = make_summary(make_report(parse_manifest(data), data, signature_checked=True))
    return {**summary, **told_logins, **tell_figures(target), **room, **pruning.make_summary()}


if __name__ == "__main__":
    sys.exit(run_program(main))
