"""Check a set: `SET_DIR=… python3 -m programs.verify`. Nothing is changed; the bad artifact or member is named."""

import dataclasses
import io
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from programs.archive.members import MemberCounts, check_members
from programs.archive.stored import StoredReader, check_measures
from programs.databases.definitions import Definitions
from programs.run.environment import read_verify_environment
from programs.run.failures import SUMMARY_WARNINGS, ProgramError, Summary, report_progress, run_program
from programs.run.streams import CHUNK_BYTES, Hashing, Measures
from programs.sets.manifest import NAME, Artifact, Manifest, parse_manifest, read_manifest_bytes
from programs.sets.signing import check_signature, compute_sha256
from programs.sql.feed import TextFeeder
from programs.sql.filter import judge_statements
from programs.sql.text import DumpScanner, make_dump_error


@dataclass(frozen=True)
class SetReport:
    """A set that passed every check. `signature_checked` False: no key was given."""

    manifest: Manifest
    manifest_sha256: str
    signature_checked: bool
    stored_bytes: int
    plain_bytes: int
    rows: int
    tables: int
    members: int
    counts: dict[str, MemberCounts] = field(default_factory=dict)  # of the trees that were read
    longest_statements: dict[str, int] = field(default_factory=dict)  # bytes, of the databases that were judged
    definitions: dict[str, Definitions] = field(default_factory=dict)  # of the tables, by database that was judged
    warnings: list[str] = field(default_factory=list)


def get_measures(artifact: Artifact) -> Measures:
    """The measures that the manifest gives for an artifact."""
    return Measures(artifact.stored_bytes, artifact.stored_sha256, artifact.plain_bytes, artifact.plain_sha256)


def check_tree_artifact(path: Path, artifact: Artifact, manifest: Manifest) -> MemberCounts:
    """Read a tar whole: measures, members against the allow-list, counts equal to the manifest's. Return these."""
    assert artifact.tree is not None
    expected = manifest.trees[artifact.tree]
    with StoredReader(path, codec=manifest.codec, most_bytes=artifact.plain_bytes) as reader:
        stream = io.BufferedReader(reader, CHUNK_BYTES)  # kept: when it goes, it closes the reader
        try:
            counts = check_members(stream)
        except ProgramError as refusal:
            check_measures(artifact.name, found=reader.finish(), expected=get_measures(artifact))
            refusal.message = f"{artifact.name}: {refusal.message}"
            refusal.params["artifact"] = artifact.name
            raise
        check_measures(artifact.name, found=reader.finish(), expected=get_measures(artifact))
    for what in ("members", "files", "directories", "symlinks", "bytes"):
        if getattr(counts, what) != getattr(expected, what):
            message = f"{artifact.name}: {getattr(counts, what)} {what}, not {getattr(expected, what)}"
            raise ProgramError("counts_differ", message, params={"artifact": artifact.name, "what": what})
    return counts


class ScannedText:
    """A dump's text for one reader (``read``), scanned as it passes."""

    def __init__(self, stream: BinaryIO, scanner: DumpScanner) -> None:
        self._stream = stream
        self._feeder = TextFeeder(scanner)

    def read(self, size: int) -> bytes:
        """Return the next bytes; b"" at their end."""
        chunk = self._stream.read(size)
        for _ in self._feeder.feed(chunk):
            pass
        return chunk


def scan_database(lines: BinaryIO, scanner: DumpScanner, *, judged: str | None) -> int:
    """Read a dump through the scanner, and through a restore's filter when it is ``judged``, by its database's name.

    Return the length of its longest statement, 0 when it is not judged. Raise ProgramError."""
    text = ScannedText(lines, scanner)
    if judged is not None:
        return judge_statements(text, database=judged)
    while text.read(CHUNK_BYTES):
        pass
    return 0


def check_database_artifact(
    path: Path,
    artifact: Artifact,
    manifest: Manifest,
    *,
    judged: bool = False,
    definitions: dict[str, Definitions] | None = None,
) -> int:
    """Read a dump whole: measures, trailer, objects and row counts equal to the manifest's; and when it is ``judged``
    its statements as a restore does. ``definitions`` takes those of its tables. Return what `scan_database` does."""
    assert artifact.database is not None
    expected = manifest.databases[artifact.database]
    scanner = DumpScanner((artifact.database,))
    refusal: ProgramError | None = None
    longest = 0
    with StoredReader(path, codec=manifest.codec, most_bytes=artifact.plain_bytes) as reader:
        lines = io.BufferedReader(reader, CHUNK_BYTES)  # kept: when it goes, it closes the reader
        try:
            longest = scan_database(lines, scanner, judged=artifact.database if judged else None)
        except ProgramError as error:
            refusal = error
        check_measures(artifact.name, found=reader.finish(), expected=get_measures(artifact))
    if refusal is None and not scanner.completed:
        refusal = make_dump_error("its trailer is missing")
    if refusal is not None:
        refusal.message = f"{artifact.name}: {refusal.message}"
        refusal.params["artifact"] = artifact.name
        raise refusal
    seen = scanner.seen[artifact.database]
    rows = {name: table.rows for name, table in expected.tables.items()}
    pairs: list[tuple[str, object, object]] = [("tables and rows", seen.tables, rows)]
    for kind in ("views", "triggers", "routines", "events", "sequences"):
        pairs.append((kind, set(getattr(seen, kind)), set(getattr(expected, kind))))
    for what, found, wanted in pairs:
        if found != wanted:
            message = f"{artifact.name}: its {what} are not those of the manifest"
            raise ProgramError("counts_differ", message, params={"artifact": artifact.name, "what": what})
    if definitions is not None:
        definitions[artifact.database] = seen.definitions
    return longest


def check_state_artifact(path: Path, artifact: Artifact) -> None:
    """The desired state is stored as it is."""
    hashing = Hashing()
    try:
        with path.open("rb") as file:
            while data := file.read(CHUNK_BYTES):
                hashing.update(data)
    except FileNotFoundError as error:
        params = {"artifact": path.name}
        raise ProgramError("artifact_missing", f"{path.name} is missing", params=params) from error
    digest = hashing.hexdigest()
    found = Measures(hashing.bytes, digest, hashing.bytes, digest)
    check_measures(artifact.name, found=found, expected=get_measures(artifact))


def check_names(set_dir: Path, manifest: Manifest) -> None:
    """Raise ProgramError unless the directory holds the artifacts and the manifest as plain files, only those."""
    expected = {NAME, *(artifact.name for artifact in manifest.artifacts)}
    for path in sorted(set_dir.iterdir()):
        if path.name not in expected:
            message = f"{path.name!r} is in the directory and not in the manifest"
            raise ProgramError("artifact_unknown", message, params={"artifact": path.name})
        if path.is_symlink() or not path.is_file():
            message = f"{path.name} is not a plain file"
            raise ProgramError("artifact_damaged", message, params={"artifact": path.name})
    for name in sorted(expected):
        if not (set_dir / name).exists():
            raise ProgramError("artifact_missing", f"{name} is missing", params={"artifact": name})


def check_set(
    set_dir: Path,
    *,
    key: bytes | None,
    expected_tenant: str | None,
    judged: Collection[str] = (),
    share_percent: int = 100,
) -> SetReport:
    """Check a whole set; raise the ProgramError of the first thing that is wrong.

    `key` None: the signature is not checked, and the report says so. `expected_tenant` None: any.
    `judged`: the databases whose statements are judged as by a restore, in the same reading.
    `share_percent`: how far the progress goes, when this is only the first part of a run.
    """
    data = read_manifest_bytes(set_dir)
    manifest = parse_manifest(data)
    if key is not None:
        check_signature(data, key=key)
    if expected_tenant is not None and manifest.tenant != expected_tenant:
        message = f"the set belongs to {manifest.tenant}, not to {expected_tenant}"
        params = {"tenant": manifest.tenant, "expected": expected_tenant}
        raise ProgramError("other_tenant", message, hint="choose a set of this tenant", params=params)
    check_names(set_dir, manifest)
    counts: dict[str, MemberCounts] = {}
    longest: dict[str, int] = {}
    definitions: dict[str, Definitions] = {}
    for number, artifact in enumerate(manifest.artifacts):
        report_progress(share_percent * number // len(manifest.artifacts), f"checking {artifact.name}")
        path = set_dir / artifact.name
        if path.stat().st_size != artifact.stored_bytes:
            message = f"{artifact.name}: {path.stat().st_size} bytes, not {artifact.stored_bytes}"
            raise ProgramError("artifact_damaged", message, params={"artifact": artifact.name})
        if artifact.kind == "database":
            name = str(artifact.database)
            is_judged = name in judged
            kept = definitions if is_judged else None
            longest[name] = check_database_artifact(path, artifact, manifest, judged=is_judged, definitions=kept)
        elif artifact.kind == "tree":
            counts[str(artifact.tree)] = check_tree_artifact(path, artifact, manifest)
        else:
            check_state_artifact(path, artifact)
    report = make_report(manifest, data, signature_checked=key is not None)
    return dataclasses.replace(report, counts=counts, longest_statements=longest, definitions=definitions)


def make_report(manifest: Manifest, data: bytes, *, signature_checked: bool) -> SetReport:
    """The figures of a set whose manifest has these bytes."""
    tables = [table for database in manifest.databases.values() for table in database.tables.values()]
    return SetReport(
        manifest=manifest,
        manifest_sha256=compute_sha256(data),
        signature_checked=signature_checked,
        stored_bytes=sum(artifact.stored_bytes for artifact in manifest.artifacts),
        plain_bytes=sum(artifact.plain_bytes for artifact in manifest.artifacts),
        rows=sum(table.rows for table in tables),
        tables=len(tables),
        members=sum(tree.members for tree in manifest.trees.values()),
        warnings=[*manifest.warnings, *([] if signature_checked else ["signature not checked"])],
    )


def make_summary(report: SetReport) -> Summary:
    """What RESULT_FILE says of a good set."""
    return {
        "backup_id": report.manifest.backup_id,
        "stored_bytes": report.stored_bytes,
        "plain_bytes": report.plain_bytes,
        "rows": report.rows,
        "tables": report.tables,
        "members": report.members,
        "manifest_sha256": report.manifest_sha256,
        "signature_checked": report.signature_checked,
        "warnings": report.warnings[:SUMMARY_WARNINGS],
    }


def main(env: Mapping[str, str]) -> Summary:
    """Check the set of the environment."""
    asked = read_verify_environment(env)
    report = check_set(asked.set_dir, key=asked.manifest_key, expected_tenant=asked.expected_tenant)
    report_progress(100, "the set is good")
    return make_summary(report)


if __name__ == "__main__":
    sys.exit(run_program(main))
