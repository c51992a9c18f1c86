"""Put databases back: what the account may do is asked first, then each is made anew, loaded and compared."""

import dataclasses
import queue
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from programs.databases.client import (
    PACKET_MARGIN_BYTES,
    Client,
    Vendor,
    observe_longest_packet,
    quote_name,
)
from programs.databases.connection import Connection
from programs.databases.events import list_dated_events
from programs.databases.holders import run_alone
from programs.databases.privileges import list_grants, select_privileges
from programs.databases.table_load import AT_ONCE, Ended, Sender, TableLoad
from programs.databases.views import ViewParts, group_views, run_views
from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from programs.sets.manifest import Artifact, Database, Manifest, Server
from programs.sql.statements import Part

# What loading a dump with every kind of object takes (MySQL manual, CREATE and DROP statements).
NEEDED = frozenset(
    "SELECT INSERT UPDATE DELETE CREATE DROP ALTER INDEX REFERENCES TRIGGER EVENT".split()
    + ["CREATE VIEW", "SHOW VIEW", "CREATE ROUTINE", "ALTER ROUTINE", "LOCK TABLES"]
)
# CiviCRM 6.7 and newer have a foreign key to a column that is not unique, which MySQL 8.4 and newer refuse by default,
# also when a dump puts back one they hold. Older ones do not know the variable: one statement, never an empty one.
FOREIGN_KEYS = "SET SESSION foreign_key_checks=0 /*!80400 , SESSION restrict_fk_on_non_standard_key=0 */"
# What a session may have allowed that made the data: rows larger than a page, options that do not fit together, rows
# older than a CHECK. MySQL lets only some accounts say so; it has no rows that break an enforced CHECK.
LENIENT = {
    "mariadb": "SET SESSION foreign_key_checks=0, innodb_strict_mode=0, check_constraint_checks=0",
    "mysql": f"{FOREIGN_KEYS}, SESSION innodb_strict_mode=0 /*!80013 , SESSION sql_require_primary_key=0 */",
}

SEQUENCES = ("DROP SEQUENCE", "CREATE SEQUENCE", "SETVAL")


@dataclass
class Loader:
    """Loads the files of one set. ``views``: by database, what waits until all tables are there; ``events``: what waits
    until all was compared; ``settings``: the statement that begins each session; ``apart``: signs in as a throwaway
    account, and fills the tables in the place of this one, which defines programs and views."""

    client: Client
    vendor: Vendor
    set_dir: Path
    manifest: Manifest
    account: str
    apart: "Loader | None" = None
    definers: set[str] = field(default_factory=set)
    views: dict[str, list[Part]] = field(default_factory=dict)
    events: dict[str, list[Part]] = field(default_factory=dict)
    settings: str = ""
    made_before: tuple[str, ...] = ()  # kinds of statements that are not sent again with the tables

    def __post_init__(self) -> None:
        self.settings = choose_settings(self.client, self.vendor)

    def sign_in(self, access: ServerAccess | None) -> "Loader | None":
        """The same work as another account; None for none."""
        if access is None:
            return None
        home = self.client.scratch / access.user
        home.mkdir(mode=0o700)
        access = dataclasses.replace(access, databases=self.client.access.databases)
        client = Client(access, scratch=home)
        return Loader(client, self.vendor, self.set_dir, self.manifest, observe_account(client))

    def check_packets(self, longest_statements: Mapping[str, int]) -> None:
        """Raise ProgramError (``packet_too_small``) unless the server takes the longest statement of each database."""
        allowed = observe_longest_packet(self.client)
        for database in self.client.access.databases:
            needed = longest_statements[database] + PACKET_MARGIN_BYTES
            if needed > allowed:
                raise make_packet_error(database, needed=needed, allowed=allowed)

    def load_sequences(self, statements: Mapping[str, Sequence[Part]]) -> None:
        """Make the sequences of all databases, given all statements but rows: tables of another may count by them."""
        for database, parts in statements.items():
            (self.apart or self)._load_parts(database, [part for part in parts if part.verdict.kind in SEQUENCES])
        self.made_before = SEQUENCES

    def load_tables(self, artifacts: Sequence[Artifact], *, report: Callable[[Artifact], None]) -> None:
        """Load these databases, the largest first and AT_ONCE at once, and report each when it is in; its final views
        wait. Raise ProgramError (``database_failed``, ...) for the first that fails: the others stop."""
        waiting = sorted(artifacts, key=lambda artifact: artifact.plain_bytes)
        ended: Ended = queue.SimpleQueue()
        with ExitStack() as running:
            for _ in range(min(AT_ONCE, len(waiting))):
                running.enter_context(self._make_load(waiting.pop(), ended))
            for _ in artifacts:
                load = ended.get()
                load.finish()
                self.definers |= load.definers
                self.views[str(load.artifact.database)] = load.views
                self.events[str(load.artifact.database)] = load.events
                if waiting:
                    running.enter_context(self._make_load(waiting.pop(), ended))
                report(load.artifact)

    def _make_load(self, artifact: Artifact, ended: Ended) -> TableLoad:
        return TableLoad(
            artifact,
            path=self.set_dir / artifact.name,
            codec=self.manifest.codec,
            account=self.account,
            made_before=self.made_before,
            connect=lambda: (self.apart or self).connect(str(artifact.database)),
            connect_definer=(lambda: self.connect(str(artifact.database))) if self.apart else None,
            ended=ended,
        )

    def load_views(self) -> None:
        """Load the views of all databases, which ``load_tables`` left for later. Raise ProgramError."""
        with ExitStack() as opened:
            senders: dict[str, Sender] = {}

            def run(group: ViewParts) -> None:
                if group.database not in senders:
                    connection = opened.enter_context(self.connect(group.database))
                    senders[group.database] = Sender(connection, account=self.account)
                for part in group.parts:
                    senders[group.database].send(part)

            refused = run_views(group_views(self.views), run)
            for sender in senders.values():
                self.definers |= sender.definers
            if refused:
                raise refused[0][1]

    def load_events(self, database: str) -> set[str]:
        """Load the events, which begin to run by themselves; return the names of those that a time may have ended."""
        parts = self.events.pop(database)
        self._load_parts(database, parts)
        return list_dated_events(b"\n".join(part.text for part in parts))

    def _load_parts(self, database: str, parts: list[Part]) -> None:
        if parts:
            with self.connect(database) as connection:
                sender = Sender(connection, account=self.account)
                for part in parts:
                    sender.send(part)
                self.definers |= sender.definers

    def connect(self, database: str) -> Connection:
        """A connection on which nothing but one statement at a time can be sent, in this database."""
        connection = Connection(self.client.access, database=database)
        connection.run(self.settings)
        return connection


def choose_settings(client: Client, vendor: Vendor) -> str:
    """Return the statement that makes a session as lenient as this account may make it."""
    try:
        client.run(f"{LENIENT[vendor.name]};", program=vendor.client)
    except ProgramError as error:
        if error.code not in ("database_refused", "database_failed"):
            raise
        return FOREIGN_KEYS
    return LENIENT[vendor.name]


def make_packet_error(database: str, *, needed: int, allowed: int) -> ProgramError:
    """The error of a row (its text is twice as long as the bytes of a blob) that the server would not take."""
    message = f"the dump of {database} has a statement of {needed} bytes, and the server takes at most {allowed}"
    hint = f"set max_allowed_packet of the server to at least {needed}, then restore again"
    params: dict[str, str | int] = {"database": database, "needed": needed, "allowed": allowed}
    return ProgramError("packet_too_small", message, hint=hint, params=params)


def observe_account(client: Client) -> str:
    """Return the account that loads, as user@host, which the server found for our name and address."""
    return client.query(("CURRENT_USER()",), "")[0][0] or ""


def check_server(client: Client, vendor: Vendor, manifest: Manifest) -> None:
    """Raise ProgramError unless this server can take the set: vendor, version, letter case, privileges."""
    origin = manifest.server
    assert origin is not None
    check_versions(origin, vendor)
    settings = client.query(("@@lower_case_table_names", "@@log_bin + 0", "@@log_bin_trust_function_creators + 0"), "")
    letter_case, log_bin, trust = (int(cell or 0) for cell in settings[0])
    if letter_case != origin.lower_case_table_names:
        message = "the server treats the letter case of table names in another way than that of the set"
        raise ProgramError("letter_case", message, hint="set lower_case_table_names as on the origin")
    check_load_privileges(client, manifest, needs_super=bool(log_bin and not trust))


def check_versions(origin: Server, vendor: Vendor) -> None:
    """Raise ProgramError (``other_vendor``, ``older_server``) for a server that cannot be trusted with a set: each
    vendor has types, letters and programs that the other reads in another way or not at all, and a newer series some
    that an older one has not. What a newer one has changed is found by trying every definition."""
    made_on, here = f"{origin.vendor} {origin.version}", f"{vendor.name} {vendor.version}"
    params: dict[str, str | int] = {"origin": made_on, "server": here}
    if vendor.name != origin.vendor:
        message = f"the set was made on {made_on}, and the server is {here}"
        raise ProgramError("other_vendor", message, hint="restore it on a server of the same vendor", params=params)
    if parse_series(vendor.version) < parse_series(origin.version):
        message = f"the set was made on version {origin.version}, and the server is {vendor.version}"
        raise ProgramError("older_server", message, hint="restore it on this version or a newer one", params=params)


def parse_series(version: str) -> tuple[int, int]:
    """Return the series of a version, as (10, 11) or (8, 4): data of a newer one may not load into an older."""
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def check_load_privileges(client: Client, manifest: Manifest, *, needs_super: bool) -> None:
    """Raise ProgramError (``missing_privilege``, ``routines_refused``) where a load would stop half-way."""
    grants = list_grants(client)
    for database in client.access.databases:
        held = select_privileges(grants, database=database)
        missing = sorted(NEEDED - held) if not held & {"ALL PRIVILEGES", "ALL"} else []
        if missing:
            message = f"the account {client.access.user} lacks {', '.join(missing)} on database {database}"
            params = {"privilege": missing[0], "database": database, "user": client.access.user}
            raise ProgramError("missing_privilege", message, hint="grant it, then restore again", params=params)
        stored = manifest.databases[database]
        everywhere = [line for line in grants if " ON *.* " in line]
        is_super = any("SUPER" in line or "ALL PRIVILEGES" in line for line in everywhere)
        if needs_super and (stored.triggers or stored.routines) and not is_super:
            message = "the server keeps a binary log and lets only SUPER create triggers and routines"
            hint = "set log_bin_trust_function_creators=1 in the server's configuration"
            raise ProgramError("routines_refused", message, hint=hint, params={"database": database})


def recreate_database(client: Client, name: str, expected: Database) -> list[str]:
    """Drop the database with all it holds, known to the backup or not, and make it anew and empty. Return what must be
    said of sessions that were in the way. Raise ProgramError (``database_held``): then it is as it was."""
    # Tables of another database may refer to its own: they come back with it, or are left as they are.
    told = run_alone(client, f"SET SESSION foreign_key_checks=0; DROP DATABASE IF EXISTS {quote_name(name)};", name)
    client.run(
        f"CREATE DATABASE {quote_name(name)} CHARACTER SET {expected.character_set} COLLATE {expected.collation};"
    )
    return told
