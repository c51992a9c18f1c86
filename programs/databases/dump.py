"""One dump process, one snapshot over all databases, one stored file per database."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from programs.archive.stored import StoredWriter
from programs.databases.client import TRANSIENT_ERRORS, Client, Vendor, find_error_number
from programs.databases.columns import observe_defaults
from programs.databases.figures import FigureCount
from programs.databases.inventory import Inventory, list_damaged_views, observe_inventory
from programs.databases.patience import PATIENT
from programs.databases.snapshot import Checksums, Snapshot
from programs.databases.splitter import BUFFER_BYTES, Corrections, Splitter
from programs.run.failures import ProgramError, report_progress
from programs.run.figures import Figure
from programs.run.spool import Spool
from programs.run.streams import Child, Measures, Watchdog, run_command
from programs.sql.feed import TextFeeder
from programs.sql.text import HEADER, DumpScanner, SeenObjects, make_dump_error

ATTEMPTS = 3
RETRY_SECONDS = (0.5, 3.0)  # least and most before the second attempt; twice that before the third
PROGRESS_BYTES = 32 * 1024 * 1024

# notes on each: docs/backup-format.md
_FLAGS = (
    "--single-transaction",
    "--quick",
    "--skip-lock-tables",
    "--no-tablespaces",
    "--triggers",
    "--routines",
    "--events",
    "--hex-blob",
    "--default-character-set=utf8mb4",
    "--max-allowed-packet=1G",
    "--tz-utc",
    "--add-drop-table",
    "--create-options",
    "--extended-insert",
    "--quote-names",
    "--comments",
    "--dump-date",
    "--skip-compact",
)
# MySQL's prints the name of the trigger to drop without quotes: such a dump does not load when the name needs them.
_MARIADB_FLAGS = ("--add-drop-trigger",)
_MYSQL_FLAGS = ("--set-gtid-purged=OFF", "--loose-column-statistics=0", "--loose-skip-masking-policies")
_TRANSIENT_TEXTS = ("in field count", "doesn't exist", "Table definition has changed", "Unknown column")


@dataclass(frozen=True)
class Dumped:
    """What the dump holds, and the measures of its files by database."""

    snapshot_at: datetime
    inventory: Inventory
    seen: Mapping[str, SeenObjects]
    measures: Mapping[str, Measures]
    checksums: Checksums | None  # None: the dump's snapshot could not be looked at
    unsure_defaults: Sequence[str] = ()  # `database.table.column`
    figures: Mapping[str, Any] | None = None  # as programs.databases.figures tells them; None: not known


@cache
def read_known_options(program: str) -> str:
    """What `--help` of the dump program says: vendors and versions differ in their options."""
    return run_command([program, "--no-defaults", "--help"], timeout_seconds=30).decode(errors="replace")


def make_dump_command(client: Client, vendor: Vendor, *, skipped: Sequence[str] = ()) -> list[str]:
    """The command line, without the `database.view` names in `skipped`. No password in it: the option file has it."""
    flags = [*_FLAGS, *(f"--ignore-table={name}" for name in skipped)]
    flags += _MYSQL_FLAGS if vendor.name == "mysql" else _MARIADB_FLAGS
    if vendor.name == "mariadb" and "--dump-history" in read_known_options(vendor.dump):
        flags.append("--dump-history")  # rows of the past of system-versioned tables (MariaDB >= 10.11)
    if "--init-command" in read_known_options(vendor.dump):
        flags.append(f"--init-command={PATIENT}")  # MySQL's: between two tables it may wait for whoever reads it
    return client.make_command(vendor.dump, *flags, "--databases", *client.access.databases)


@dataclass(frozen=True)
class Written:
    """What one run of the dump program wrote."""

    seen: dict[str, SeenObjects]
    measures: dict[str, Measures]
    checksums: Checksums | None
    unsure_defaults: list[str]  # `database.table.column`
    figures: Mapping[str, Any] | None


def dump_once(
    client: Client,
    vendor: Vendor,
    inventory: Inventory,
    *,
    files: Mapping[str, Path],
    codec: str,
    figures: Mapping[str, Figure] | None = None,
) -> Written:
    """Run the dump into the files. Raise ProgramError unless every stage exits with 0 and the trailer is there."""
    scanner = DumpScanner(client.access.databases)
    with ExitStack() as stack:
        writers = {name: stack.enter_context(StoredWriter(path, codec=codec)) for name, path in files.items()}
        unsure: list[str] = []
        defaults = {name: observe_defaults(client, name, unsure=unsure) for name in files}
        counting = stack.enter_context(FigureCount(client, vendor, figures)) if figures else None
        snapshot = stack.enter_context(Snapshot(client, vendor, inventory, counting=counting))
        command = make_dump_command(client, vendor, skipped=list_damaged_views(inventory))
        child = stack.enter_context(Child(command, home=client.scratch))
        watchdog = stack.enter_context(Watchdog(child, *(writer.child for writer in writers.values())))
        splitter = Splitter(writers)
        output = stack.enter_context(Spool(child))
        for section, piece in read_pieces(output, scanner, watchdog):
            if section != HEADER and not snapshot.has_begun:
                watchdog.rest()
                with output.held():
                    snapshot.begin()
                watchdog.touch()
                splitter.corrections = Corrections(snapshot.exact, defaults)
            splitter.add(piece, section=section, table=scanner.row_table)
        code = child.wait(timeout_seconds=60)
        said = child.read_stderr()
        if code != 0:
            raise make_dump_failure(child.make_failure(code))
        if has_said_error(said):
            raise make_dump_failure(child.make_failure(0))
        measures = splitter.finish()
        checksums = snapshot.receive_checksums()
        counted = None if counting is None else counting.receive()
    if not scanner.completed:
        raise make_dump_error("its trailer is missing")
    check_exact_rows(scanner.seen, snapshot.exact_rows)
    for name, longest in splitter.corrections.longest.items():
        scanner.seen[name].longest_insert = max(longest, scanner.seen[name].longest_insert)
    return Written(scanner.seen, measures, checksums, unsure, counted)


def read_pieces(output: Spool, scanner: DumpScanner, watchdog: Watchdog) -> Iterator[tuple[str, bytes]]:
    """The parts of what a dump program writes, each with its section, once the scanner has taken them in."""
    done = announced = 0
    feeder, chunk = TextFeeder(scanner), b"-"
    while chunk:
        chunk = output.read(BUFFER_BYTES)
        yield from feeder.feed(chunk)
        watchdog.touch()
        done += len(chunk)
        if done - announced >= PROGRESS_BYTES:
            announced = done
            report_progress(min(45, 5 + done // (64 * 1024 * 1024)), f"databases: {done // 1000000} MB")


def check_exact_rows(seen: Mapping[str, SeenObjects], exact: Mapping[str, Mapping[str, int]]) -> None:
    """Raise ProgramError (``schema_changed``, retryable) unless the exact rows are as many as those they replace."""
    for database, tables in exact.items():
        for table, rows in tables.items():
            if seen[database].tables.get(table) != rows:
                message = f"{database}.{table} was changed while the dump began"
                raise ProgramError("schema_changed", message, hint="run again", retryable=True)


def has_said_error(said: str) -> bool:
    """Tell errors from warnings: mysqldump exits with 0 after some (no PROCESS, no masking policies: MySQL 9.7)."""
    lines = (line.lower() for line in said.splitlines() if "[warning]" not in line.lower())
    return any("error" in line or "insufficient privileges" in line for line in lines)


def make_dump_failure(error: ProgramError) -> ProgramError:
    """Name a failure of the dump program, and say whether the same dump may succeed later."""
    number = find_error_number(error.message) or 0
    text = any(part in error.message for part in _TRANSIENT_TEXTS)
    retryable = error.retryable or number in TRANSIENT_ERRORS or text
    params = {**error.params, "number": number}
    return ProgramError("dump_failed", error.message, hint=error.hint, retryable=retryable, params=params)


def check_seen(inventory: Inventory, seen: Mapping[str, SeenObjects]) -> None:
    """Raise ProgramError inventory_differs (retryable) unless the dump holds what the server held."""
    for database, live in inventory.items():
        found = seen[database]
        for kind in ("tables", "views", "triggers", "routines", "events", "sequences"):
            expected, present = set(getattr(live, kind)), set(getattr(found, kind))
            if expected != present:
                names = ", ".join(sorted(expected ^ present)[:5])
                message = f"the {kind} of the dump of {database} are not those of the server: {names}"
                hint = "objects were made or dropped meanwhile, or the account does not see them all"
                params = {"database": database, "kind": kind, "objects": names}
                raise ProgramError("inventory_differs", message, hint=hint, retryable=True, params=params)


def dump_databases(
    client: Client,
    vendor: Vendor,
    *,
    files: Mapping[str, Path],
    codec: str,
    skip_damaged_views: bool = False,
    figures: Mapping[str, Figure] | None = None,
) -> Dumped:
    """Dump until the dump equals the live inventory before and after it, at most ATTEMPTS times.

    `figures`: what is counted in the same snapshot, as far as it can be. Raise the last ProgramError: at once when it
    is not transient."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            before = observe_inventory(client, skip_damaged_views=skip_damaged_views)
            started = datetime.now(UTC)
            written = dump_once(client, vendor, before, files=files, codec=codec, figures=figures)
            after = observe_inventory(client, skip_damaged_views=skip_damaged_views)
            if before != after:
                message = "tables or other objects were altered while they were dumped"
                raise ProgramError("schema_changed", message, hint="run again, when nobody installs", retryable=True)
            check_seen(after, written.seen)
            return Dumped(
                started,
                after,
                written.seen,
                written.measures,
                written.checksums,
                written.unsure_defaults,
                written.figures,
            )
        except ProgramError as error:
            for path in files.values():
                path.unlink(missing_ok=True)
            if not error.retryable or attempt == ATTEMPTS:
                raise
            report_progress(2, f"trying again after {error.code}")
            least, most = RETRY_SECONDS
            time.sleep(random.uniform(least, most) * attempt)
    raise AssertionError("unreachable")
