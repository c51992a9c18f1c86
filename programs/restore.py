"""Put a set back: `python3 -m programs.restore`, parameters in the environment (see programs.run.environment).

Nothing live is touched before the whole set was read back and judged, and the new trees are staged inside their
volumes. Then the databases are made anew, loaded and compared with the manifest, and the trees exchanged. An
error says whether anything was touched (``touched`` in its parameters). A killed restore is run again with the
same parameters: it finishes an exchange that had begun, forgets what was only staged, and does the whole anew.
"""

import dataclasses
import fcntl
import io
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from programs.archive.extract import extract_tree
from programs.archive.stored import StoredReader, check_measures
from programs.archive.swap import (
    begin_swap,
    check_entries,
    finish_swap,
    forget_staged,
    make_staging,
    prepare_swap,
    settle_tree,
)
from programs.databases.administrator import Administrator, Assistance, assist, find_administrator
from programs.databases.client import Client
from programs.databases.comparison import check_events, check_loaded, check_values
from programs.databases.definitions import Definitions, list_differences, observe_definitions
from programs.databases.fitness import check_fitness, check_history
from programs.databases.load import (
    Loader,
    check_server,
    observe_account,
    parse_series,
    recreate_database,
)
from programs.databases.quiet import JOURNAL, quiet_events
from programs.databases.routine_grants import give_back, list_routine_grants
from programs.databases.trial import try_definitions
from programs.restore_part import PartRestore, read_part
from programs.room import check_database_room, check_tree_room
from programs.run.data_sets import SETTINGS
from programs.run.environment import (
    RestoreEnvironment,
    make_environment_error,
    read_restore_environment,
)
from programs.run.failures import (
    SUMMARY_WARNINGS,
    ProgramError,
    Summary,
    make_os_failure,
    report_progress,
    run_program,
)
from programs.run.streams import CHUNK_BYTES
from programs.sets.holding import hold_set
from programs.sets.manifest import Database, Manifest, get_measures
from programs.sets.selection import check_scope, select_artifacts
from programs.sites.addresses import refresh_staged_settings
from programs.sites.caches import empty_site_caches
from programs.sites.clone import rewrite_staged_settings
from programs.sites.copy_block import NewSite
from programs.sites.present import make_new_site, make_present_site
from programs.sites.sandbox import disable_events, quiet_database
from programs.verify import SetReport, check_set, make_summary

SCRATCH = "restore-scratch-"
CHECK_PERCENT = 25  # of the progress: reading the whole set

_log = logging.getLogger("programs")


class Restore:
    """One run: what is asked, the set's manifest once checked, and whether anything live was touched."""

    def __init__(self, asked: RestoreEnvironment, *, env: Mapping[str, str], scratch: Path) -> None:
        self.asked = asked
        self.env = env
        self.site: NewSite | None = None
        self.scratch = scratch
        self.roots = dict(asked.trees.items()) if asked.scope != "database" else {}
        self.touched = False
        self.hosts: set[str] = set()  # of the pages of the original, when this makes a copy
        self.definitions: dict[str, Definitions] = {}
        self.warnings: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Delete what was only staged, and say in the error whether anything was touched."""
        if not isinstance(error, Exception):
            return
        for root in self.roots.values():
            forget_staged(root)
        failure = error
        if isinstance(error, OSError):
            failure = make_os_failure(error, doing="restoring")
        elif not isinstance(error, ProgramError):
            _log.error("unexpected failure", exc_info=error)
            failure = ProgramError("unexpected", f"unexpected {type(error).__name__}", hint="see the log")
        assert isinstance(failure, ProgramError)
        failure.params["touched"] = self.touched
        if failure is not error:
            raise failure from error

    def run(self) -> Summary:
        """Do the whole. Raise ProgramError, which says whether anything was touched."""
        asked = self.asked
        for root in self.roots.values():
            self.warnings += settle_tree(root)
        names = () if asked.server is None else (asked.database,) if asked.database else asked.server.databases
        report = check_set(
            asked.set_dir,
            key=asked.manifest_key,
            expected_tenant=asked.expected_tenant,
            loaded=names,
            share_percent=CHECK_PERCENT,
            beside=True,
        )
        manifest, self.definitions = report.manifest, report.definitions
        check_scope(asked, manifest)
        for tree in [name for name in self.roots if name not in manifest.trees]:
            self.warnings.append(f"the set does not hold {tree}: it stays as it is")
            del self.roots[tree]
        self.site = make_new_site(asked, self.env, manifest)
        with ExitStack() as stack:
            if asked.server is None:
                self._stage_trees(report)
            else:
                given = stack.enter_context(assist(find_administrator(asked.administrator), asked.server, names))
                loader = self._prepare_databases(report, names, given)
                self._stage_trees(report)
                others = [name for name in asked.server.databases if name not in names]
                stack.enter_context(quiet_events(loader.client, others, journal=asked.work_dir / JOURNAL))
                self._restore_databases(loader, report, given.administrator)
        self._exchange_trees(manifest)
        report_progress(100, "restored")
        warnings = [*self.warnings, *report.warnings][:SUMMARY_WARNINGS]
        return {**make_summary(report), "scope": asked.scope, "warnings": warnings}

    def _prepare_databases(self, report: SetReport, names: tuple[str, ...], given: Assistance) -> Loader:
        """Ask the server whether a load will succeed, before anything is dropped."""
        server, manifest = self.asked.server, report.manifest
        assert server is not None
        self.warnings += given.told
        client = Client(dataclasses.replace(server, databases=names), scratch=self.scratch)
        vendor = client.observe_vendor()
        check_server(client, vendor, manifest)
        artifacts = select_artifacts(manifest, kind="database", names=names)
        check_database_room(client, {str(item.database): item.plain_bytes for item in artifacts})
        if vendor.name == "mariadb" and manifest.server is not None:
            origin, present = parse_series(manifest.server.version), parse_series(vendor.version)
            check_history(origin, present, report.definitions)
        check_fitness(client, {name: manifest.databases[name] for name in names})
        loader = Loader(client, vendor, self.asked.set_dir, manifest, observe_account(client))
        loader.apart = loader.sign_in(given.trier)
        loader.check_packets(report.longest_statements)
        self.warnings += try_definitions(loader, report.statements)
        loader.apart = loader.sign_in(given.filler)
        return loader

    def _stage_trees(self, report: SetReport) -> None:
        """Extract the trees beside the live ones, and make them ready to take their place."""
        manifest, counts, asked = report.manifest, report.counts, self.asked
        artifacts = select_artifacts(manifest, kind="tree", names=tuple(self.roots))
        for root in self.roots.values():
            check_entries(root)
        check_tree_room(self.roots, counts)
        for artifact in artifacts:
            tree = str(artifact.tree)
            report_progress(35, f"staging {artifact.name}")
            staged = make_staging(self.roots[tree], manifest.backup_id)
            with StoredReader(self.asked.set_dir / artifact.name, codec=manifest.codec) as reader:
                buffered = io.BufferedReader(reader, CHUNK_BYTES)  # kept: when it goes, it closes the reader
                origin, notes = manifest.get_root(tree), list[str]()
                found = extract_tree(buffered, str(staged), origin=origin, root=str(self.roots[tree]), notes=notes)
                check_measures(artifact.name, found=reader.finish(), expected=get_measures(artifact))
            if found != counts[tree]:
                raise ProgramError("counts_differ", f"{artifact.name} changed while it was read")
            self.warnings += [f"{tree}: not kept: {note}" for note in notes]
            if asked.trees.holds(tree, SETTINGS):
                empty_site_caches(staged)
                if self.site is not None:
                    self.warnings += rewrite_staged_settings(staged, self.site, hosts=self.hosts)
                elif (present := make_present_site(asked, self.env, manifest)) is not None:
                    self.warnings += refresh_staged_settings(staged, present)
        for root in self.roots.values():
            prepare_swap(root, manifest.backup_id)

    def _restore_databases(self, loader: Loader, report: SetReport, administrator: Administrator | None) -> None:
        """Make the databases anew, load them, compare them with the manifest."""
        client, databases = loader.client, loader.manifest.databases
        grants = list_routine_grants(administrator, client.access)
        artifacts = select_artifacts(loader.manifest, kind="database", names=client.access.databases)
        for artifact in artifacts:
            self._recreate(client, str(artifact.database), databases[str(artifact.database)])
        report_progress(50, "loading the databases")
        loader.load_sequences(report.statements)
        shares = iter(range(1, len(artifacts) + 1))
        loader.load_tables(
            artifacts,
            report=lambda loaded: report_progress(50 + 30 * next(shares) // len(artifacts), f"loaded {loaded.name}"),
        )
        loader.load_views()
        report_progress(85, "comparing the databases with the manifest")
        self.warnings += check_loaded(client, databases)
        check_values(client, loader.vendor, databases)
        self._compare_definitions(loader)
        dated = {name: loader.load_events(name) for name in list(loader.events)}
        for event in check_events(client, databases, dated):
            self.warnings.append(f"the event {event} is not there any more: its time is over")
        self.warnings += give_back(administrator, grants, databases)
        for definer in sorted(loader.definers):
            self.warnings.append(f"objects defined by {definer} now belong to {loader.account}")
        if self.site is not None:
            for name in client.access.databases:
                quiet_database(client, name, hosts=self.hosts, site_host=self.site.site_host)
            disable_events(client)

    def _recreate(self, client: Client, name: str, expected: Database) -> None:
        """Make one database anew; a failure of the first one that says so has changed nothing."""
        before, self.touched = self.touched, True
        try:
            self.warnings += recreate_database(client, name, expected)
        except ProgramError as error:
            self.touched = before if error.code == "database_held" else True
            raise

    def _compare_definitions(self, loader: Loader) -> None:
        """Say which columns, indexes and options of tables are not as they were; their values are."""
        for name in loader.client.access.databases:
            expected = self.definitions.get(name, {})
            found = observe_definitions(loader.client, loader.vendor, name, list(expected))
            for thing in list_differences(found, expected):
                self.warnings.append(f"{name}.{thing} came back with another definition")

    def _exchange_trees(self, manifest: Manifest) -> None:
        """Put the staged trees in the place of the live ones."""
        if not self.roots:
            return
        report_progress(90, "exchanging the files")
        for root in self.roots.values():
            begin_swap(root, manifest.backup_id)
            self.touched = True
        for root in self.roots.values():
            self.warnings += finish_swap(root, manifest.backup_id)


@contextmanager
def hold_lock(work_dir: Path) -> Iterator[None]:
    """One restore at a time with a work directory; the kernel frees it when the program dies."""
    descriptor = os.open(work_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = "another restore of this instance is running"
            raise ProgramError("restore_busy", message, hint="wait until it ends", retryable=True) from error
        yield
    finally:
        os.close(descriptor)


def main(env: Mapping[str, str]) -> Summary:
    """Restore what the environment asks for."""
    asked = read_restore_environment(env)
    if asked.database and asked.scope != "database":
        raise make_environment_error("DATABASE", "empty, unless SCOPE is database")
    part = read_part(env, asked)
    with hold_lock(asked.work_dir), hold_set(asked.set_dir):
        for path in asked.work_dir.glob(f"{SCRATCH}*"):
            shutil.rmtree(path)
        scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=asked.work_dir))
        try:
            if part is not None:
                return PartRestore(asked, part, scratch=scratch).run()
            with Restore(asked, env=env, scratch=scratch) as restore:
                return restore.run()
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(run_program(main))
