"""Check a set: `SET_DIR=… python3 -m programs.verify`. Nothing is changed; the bad artifact or member is named."""

import dataclasses
import io
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from programs.archive.members import MemberCounts
from programs.archive.stored import StoredReader, check_measures
from programs.databases.definitions import Definitions
from programs.run.aside import Aside
from programs.run.environment import read_verify_environment
from programs.run.failures import SUMMARY_WARNINGS, ProgramError, Summary, report_progress, run_program
from programs.run.streams import CHUNK_BYTES
from programs.sets.foreign import is_foreign
from programs.sets.holding import hold_set
from programs.sets.manifest import NAME, Artifact, Database, Manifest, get_measures, parse_manifest, read_manifest_bytes
from programs.sets.signing import check_signature, compute_sha256
from programs.sets.state import KEY, read_set_figures
from programs.sets.tree_check import check_index_artifact, check_state_artifact, check_tree_artifact
from programs.sql.judged_dump import JudgedDump, judge_dump
from programs.sql.refusals import format_refusal
from programs.sql.statements import Part
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
    longest_statements: dict[str, int] = field(default_factory=dict)  # bytes, by database
    definitions: dict[str, Definitions] = field(default_factory=dict)  # of the tables, by database
    statements: dict[str, list[Part]] = field(default_factory=dict)  # all but rows, of what is to be loaded
    warnings: list[str] = field(default_factory=list)
    figures: dict[str, Any] | None = None  # that people know (programs.sets.state); None: the set tells none


def check_database_artifact(path: Path, artifact: Artifact, manifest: Manifest, *, loaded: bool = False) -> JudgedDump:
    """Read a dump whole: measures, statements, trailer, objects and row counts equal to the manifest's. Return what
    `judge_dump` does."""
    assert artifact.database is not None
    expected = manifest.databases[artifact.database]
    scanner = DumpScanner((artifact.database,))
    refusal: ProgramError | None = None
    judged = JudgedDump()
    with StoredReader(path, codec=manifest.codec, most_bytes=artifact.plain_bytes) as reader:
        lines = io.BufferedReader(reader, CHUNK_BYTES)  # kept: when it goes, it closes the reader
        try:
            judged = judge_dump(lines, scanner, database=artifact.database, loaded=loaded)
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
    # A table whose statement was not understood has no engine here, and a restore refuses it anyway.
    engines = {name: table.engine.upper() for name, table in expected.tables.items() if judged.engines.get(name)}
    pairs.append(("engines", {name: judged.engines[name] for name in engines}, engines))
    pairs.append(("character set", *compare_letters(judged.letters, expected)))
    if not judged.refusals:  # their definers are not known
        pairs.append(("definers", clean_definers(judged.definers), clean_definers(expected.definers)))
    for kind in ("views", "triggers", "routines", "events", "sequences"):
        pairs.append((kind, set(getattr(seen, kind)), set(getattr(expected, kind))))
    for what, found, wanted in pairs:
        if found != wanted:
            message = f"{artifact.name}: its {what} are not those of the manifest"
            raise ProgramError("counts_differ", message, params={"artifact": artifact.name, "what": what})
    return dataclasses.replace(judged, definitions=seen.definitions)


def clean_definers(names: Collection[str]) -> set[str]:
    """Accounts and roles: servers tell a role with an empty host, dumps without any."""
    return {name.rstrip("@") for name in names}


def compare_letters(said: str, expected: Database) -> tuple[str, str]:
    """What a dump says of its database's character set and perhaps its collation, and the same of the manifest's."""
    words = [expected.character_set, expected.collation][: len(said.split())]
    # The same letters have two names (utf8 is utf8mb3), and dumps and servers may differ in which they use.
    old, new = (re.sub(r"\butf8(?=_|\b)", "utf8mb3", text) for text in (said, " ".join(words).lower()))
    return old, new


def check_names(set_dir: Path, manifest: Manifest) -> None:
    """Raise ProgramError unless the directory holds the artifacts and the manifest as plain files, and only those
    beside what file servers put everywhere."""
    expected = {NAME, *(artifact.name for artifact in manifest.artifacts)}
    for path in sorted(set_dir.iterdir()):
        if path.name not in expected and is_foreign(path.name):
            continue
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
    loaded: Collection[str] = (),
    share_percent: int = 100,
    beside: bool = False,
) -> SetReport:
    """Check a whole set; raise the ProgramError of the first thing that is wrong.

    `key` None: the signature is not checked, and the report says so. `expected_tenant` None: any.
    `loaded`: the databases that are to be put back: what is not understood in them is an error, elsewhere a warning.
    `share_percent`: how far the progress goes, when this is only the first part of a run. `beside`: half of the work is
    done in a second process, which a program may start, and a thread among others may not.
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
    mine, theirs = split_artifacts(manifest.artifacts) if beside else (manifest.artifacts, [])
    with ExitStack() as stack:
        other = None
        if theirs:
            other = stack.enter_context(Aside(lambda: check_artifacts(set_dir, manifest, theirs, loaded=loaded)))
        counts, judged = check_artifacts(set_dir, manifest, mine, loaded=loaded, share_percent=share_percent)
        if other is not None:
            more_counts, more_judged = other.finish()
            counts, judged = counts | more_counts, judged | more_judged
    report = make_report(manifest, data, signature_checked=key is not None)
    longest = {name: dump.longest_statement for name, dump in judged.items()}
    told = [format_refusal(refusal) for dump in judged.values() for refusal in dump.refusals]
    warnings = [*report.warnings, *(text for text in told if text not in report.warnings)]
    definitions: dict[str, Definitions] = {name: judged[name].definitions for name in loaded if name in judged}
    report = dataclasses.replace(report, counts=counts, longest_statements=longest, warnings=warnings)
    report = dataclasses.replace(report, figures=read_set_figures(set_dir))
    statements = {name: judged[name].statements for name in loaded if name in judged}
    return dataclasses.replace(report, definitions=definitions, statements=statements)


def check_artifacts(
    set_dir: Path,
    manifest: Manifest,
    artifacts: Sequence[Artifact],
    *,
    loaded: Collection[str],
    share_percent: int = 0,
) -> tuple[dict[str, MemberCounts], dict[str, JudgedDump]]:
    """Check some artifacts whole; return what the trees and the dumps among them hold. Raise ProgramError."""
    counts: dict[str, MemberCounts] = {}
    judged: dict[str, JudgedDump] = {}
    for number, artifact in enumerate(artifacts):
        report_progress(share_percent * number // len(artifacts), f"checking {artifact.name}")
        path = set_dir / artifact.name
        if path.stat().st_size != artifact.stored_bytes:
            message = f"{artifact.name}: {path.stat().st_size} bytes, not {artifact.stored_bytes}"
            raise ProgramError("artifact_damaged", message, params={"artifact": artifact.name})
        if artifact.kind == "database":
            name = str(artifact.database)
            judged[name] = check_database_artifact(path, artifact, manifest, loaded=name in loaded)
        elif artifact.kind == "tree":
            counts[str(artifact.tree)] = check_tree_artifact(path, artifact, manifest)
        elif artifact.kind == "index":
            check_index_artifact(path, artifact, codec=manifest.codec)
        else:
            check_state_artifact(path, artifact)
    return counts, judged


def split_artifacts(artifacts: Sequence[Artifact]) -> tuple[list[Artifact], list[Artifact]]:
    """Two halves that take about as long: a dump is judged, which takes some three times as long as a tar."""
    halves: tuple[list[Artifact], list[Artifact]] = ([], [])
    work = [0, 0]
    sizes = {item.name: item.plain_bytes * (3 if item.kind == "database" else 1) for item in artifacts}
    for artifact in sorted(artifacts, key=lambda item: -sizes[item.name]):
        least = work.index(min(work))
        halves[least].append(artifact)
        work[least] += sizes[artifact.name] + 1
    return halves


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
        **({KEY: report.figures} if report.figures else {}),
    }


def main(env: Mapping[str, str]) -> Summary:
    """Check the set of the environment."""
    asked = read_verify_environment(env)
    with hold_set(asked.set_dir):
        report = check_set(asked.set_dir, key=asked.manifest_key, expected_tenant=asked.expected_tenant, beside=True)
    report_progress(100, "the set is good")
    return make_summary(report)


if __name__ == "__main__":
    sys.exit(run_program(main))
