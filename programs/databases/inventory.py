"""What a live server holds: every object of the databases, with a hash of its body that survives a restore."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from programs.databases.client import Client, Row, quote_name, quote_text
from programs.databases.privileges import make_hidden, make_missing_privilege
from programs.run.failures import ProgramError
from programs.sql.view_text import normalise_joins

TRANSACTIONAL_ENGINES = frozenset({"InnoDB", "ROCKSDB", "TokuDB"})
COUNTS_PER_QUERY = 40
_PARTS = re.compile(
    r"('(?:[^'\\]++|\\.|'')*+'|\"(?:[^\"\\]++|\\.|\"\")*+\"|`(?:[^`]|``)*+`)"
    r"|(?:--(?=\s|\Z)[^\n]*+|#[^\n]*+|/\*(?!!|M!).*?\*/|\s)+",
    re.S,
)


@dataclass
class LiveDatabase:
    """Objects of one database. Tables: name to engine; others: name to sha256 of the normalised body."""

    character_set: str
    collation: str
    tables: dict[str, str] = field(default_factory=dict)
    views: dict[str, str] = field(default_factory=dict)
    views_as_told: dict[str, str] = field(default_factory=dict)  # the same, of the text as it is: older sets have these
    damaged_views: dict[str, str] = field(default_factory=dict)  # name to what the server says of it
    triggers: dict[str, str] = field(default_factory=dict)
    routines: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    sequences: dict[str, str] = field(default_factory=dict)
    definers: set[str] = field(default_factory=set)
    versioned: set[str] = field(default_factory=set)  # tables that keep the history of their rows
    uncertain_columns: set[str] = field(default_factory=set)  # `table.column` of each ENUM or SET with a "?"


Inventory = dict[str, LiveDatabase]


def normalise_body(text: str) -> str:
    """The body without comments and with single spaces, outside of strings and quoted names.

    Clients may drop comments and add white space at the end when they load a dump; the meaning is the same.
    """
    return _PARTS.sub(lambda found: found[1] or " ", text).strip().rstrip(";").rstrip()


def compute_body_hash(body: str, *attributes: str | None) -> str:
    """sha256 of what an object does: its normalised body and the attributes that change its meaning."""
    text = json.dumps([normalise_body(body), *attributes])
    return hashlib.sha256(text.encode()).hexdigest()


class Observer:
    """Reads information_schema for the account's databases. Raises missing_privilege where it sees half."""

    def __init__(
        self, client: Client, *, skip_damaged_views: bool = False, renamed: Mapping[str, str] | None = None
    ) -> None:
        """`renamed`: what the text of views is to call some databases."""
        self._client = client
        self._renamed = renamed or {}
        self._skip_damaged_views = skip_damaged_views
        names = client.access.databases
        self._among = "(" + ",".join(quote_text(name) for name in names) + ")"
        self._found: Inventory = {}

    def _rows(self, table: str, *columns: str) -> list[tuple[LiveDatabase, Row]]:
        """Rows of an information_schema table by database (its first column) and name: the server's own order is its
        directory's, and of two faults always the same one is to be told."""
        order = f"{columns[0]}, {columns[1]}"
        rest = f"FROM information_schema.{table} WHERE {columns[0]} IN {self._among} ORDER BY {order}"
        rows = self._client.query(columns, rest)
        return [(self._found[row[0]], row[1:]) for row in rows if row[0] in self._found]

    def observe(self) -> Inventory:
        """All databases of the account. Raise ProgramError also for what no dump can hold."""
        columns = ("SCHEMA_NAME", "DEFAULT_CHARACTER_SET_NAME", "DEFAULT_COLLATION_NAME")
        rest = f"FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN {self._among}"
        for name, character_set, collation in self._client.query(columns, rest):
            self._found[name or ""] = LiveDatabase(character_set or "", collation or "")
        for name in self._client.access.databases:
            if name not in self._found:
                message = f"the database {name} does not exist, or the account does not see it"
                raise ProgramError("database_missing", message, params={"database": name})
        self._observe_tables()
        self._observe_uncertain_columns()
        self._observe_views()
        self._observe_triggers()
        self._observe_routines()
        self._observe_events()
        return self._found

    def _observe_tables(self) -> None:
        # CREATE_TIME makes the server open each table and view, and say in TABLE_COMMENT why it cannot.
        columns = ("TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE", "ENGINE", "TABLE_COMMENT", "CREATE_TIME")
        rows = self._rows("TABLES", *columns)
        for live, (name, kind, engine, comment, _) in rows:
            assert name is not None
            if kind in ("BASE TABLE", "SYSTEM VERSIONED"):
                if engine is None:
                    raise make_damaged("table", name, said=comment or "")
                live.tables[name] = engine
                if kind == "SYSTEM VERSIONED":
                    live.versioned.add(name)
            elif kind == "VIEW" and comment not in (None, "", "VIEW"):
                if not self._skip_damaged_views:
                    raise make_damaged("view", name, said=comment or "")
                live.damaged_views[name] = comment or ""
            elif kind == "SEQUENCE":
                live.sequences[name] = ""
        for database, live in self._found.items():
            for name in live.sequences:
                columns = ("minimum_value", "maximum_value", "start_value", "increment", "cache_size", "cycle_option")
                row = self._client.query(columns, f"FROM {quote_name(database)}.{quote_name(name)}")[0]
                live.sequences[name] = compute_body_hash("", *row)

    def _observe_uncertain_columns(self) -> None:
        """Both vendors write a 4-byte character of an ENUM's or SET's value as "?" when asked for the table's SQL."""
        columns = ("TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME")
        condition = "DATA_TYPE IN ('enum', 'set') AND LOCATE('?', COLUMN_TYPE) > 0"
        rest = f"FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN {self._among} AND {condition}"
        for database, table, column in self._client.query(columns, rest):
            self._found[database or ""].uncertain_columns.add(f"{table}.{column}")

    def _observe_views(self) -> None:
        columns = ("TABLE_SCHEMA", "TABLE_NAME", "VIEW_DEFINITION", "CHECK_OPTION", "SECURITY_TYPE", "DEFINER")
        for live, (name, body, check, security, definer) in self._rows("VIEWS", *columns):
            if name in live.damaged_views:
                continue
            if not body:
                raise self._make_blind("SHOW VIEW", live, f"view {name}")
            for present, wanted in self._renamed.items():
                body = body.replace(quote_name(present), quote_name(wanted))
            live.views[name or ""] = compute_body_hash(normalise_joins(normalise_body(body)), check, security)
            live.views_as_told[name or ""] = compute_body_hash(body, check, security)
            live.definers.add(definer or "")

    def _observe_triggers(self) -> None:
        columns = ("TRIGGER_SCHEMA", "TRIGGER_NAME", "ACTION_STATEMENT", "DEFINER", "EVENT_OBJECT_TABLE")
        more = ("EVENT_MANIPULATION", "ACTION_TIMING", "ACTION_ORDER", "SQL_MODE")
        for live, (name, body, definer, *attributes) in self._rows("TRIGGERS", *columns, *more):
            if not body:
                raise self._make_blind("TRIGGER", live, f"trigger {name}")
            live.triggers[name or ""] = compute_body_hash(body, *attributes)
            live.definers.add(definer or "")

    def _observe_routines(self) -> None:
        parameters: dict[tuple[int, str | None, str | None], list[tuple[int, Row]]] = {}
        columns = ("SPECIFIC_SCHEMA", "ROUTINE_TYPE", "SPECIFIC_NAME", "ORDINAL_POSITION")
        more = ("PARAMETER_MODE", "PARAMETER_NAME", "DTD_IDENTIFIER")
        for live, (kind, name, position, *what) in self._rows("PARAMETERS", *columns, *more):
            parameters.setdefault((id(live), kind, name), []).append((int(position or 0), tuple(what)))
        names = ("ROUTINE_SCHEMA", "ROUTINE_TYPE", "ROUTINE_NAME", "ROUTINE_DEFINITION", "DEFINER")
        meaning = ("IS_DETERMINISTIC", "SQL_DATA_ACCESS", "SECURITY_TYPE", "SQL_MODE")
        hidden = []
        for live, (kind, name, body, definer, *attributes) in self._rows("ROUTINES", *names, *meaning):
            if body is None:
                hidden.append(f"{kind} {self._get_name(live)}.{name} ({definer})")
                continue
            arguments = sorted(parameters.get((id(live), kind, name), []))
            live.routines[f"{kind} {name}"] = compute_body_hash(body, *attributes, json.dumps(arguments))
            live.definers.add(definer or "")
        if hidden:
            raise make_hidden(hidden, user=self._client.access.user)

    def _observe_events(self) -> None:
        columns = ("EVENT_SCHEMA", "EVENT_NAME", "EVENT_DEFINITION", "DEFINER", "EVENT_TYPE")
        more = ("INTERVAL_VALUE", "INTERVAL_FIELD", "ON_COMPLETION", "SQL_MODE", "EVENT_COMMENT")
        for live, (name, body, definer, *attributes, comment) in self._rows("EVENTS", *columns, *more):
            if any(";;" in (part or "") for part in (name, body, comment)):
                raise make_endless(name or "")
            live.events[name or ""] = compute_body_hash(body or "", *attributes)
            live.definers.add(definer or "")

    def _make_blind(self, privilege: str, live: LiveDatabase, thing: str) -> ProgramError:
        user = self._client.access.user
        return make_missing_privilege(privilege, database=self._get_name(live), user=user, thing=thing)

    def _get_name(self, live: LiveDatabase) -> str:
        return next(name for name, item in self._found.items() if item is live)


def make_damaged(kind: str, name: str, *, said: str) -> ProgramError:
    """The error of an object that the server itself cannot read."""
    message = f"the {kind} {name} is damaged: {said}"
    hint = f"repair or drop the {kind}, then run again"
    return ProgramError(f"damaged_{kind}", message, hint=hint, params={kind: name})


def make_endless(event: str) -> ProgramError:
    """The error of an event that both vendors' dump programs never end with: they look for a delimiter that its
    text does not hold, and only ever try ``;;`` (create_delimiter in mysqldump.c; seen with 8.0, 9.7 and 10.11)."""
    message = f"the event {event} holds ;; in its name, comment or body: no dump program can write it"
    hint = "alter the event so that it holds no two semicolons in a row, then run again"
    return ProgramError("undumpable_event", message, hint=hint, params={"event": event})


def observe_inventory(client: Client, *, skip_damaged_views: bool = False) -> Inventory:
    """Every object of the account's databases. Raise ProgramError missing_privilege, hidden_routine, damaged_table,
    damaged_view (unless they are to be skipped), undumpable_event or database_missing."""
    return Observer(client, skip_damaged_views=skip_damaged_views).observe()


def observe_row_counts(
    client: Client, database: str, live: LiveDatabase, tables: Iterable[str] | None = None
) -> dict[str, int]:
    """Exact number of rows of each table, or of those in ``tables``, past ones included where it keeps its history."""
    counts: dict[str, int] = {}
    names = sorted(live.tables if tables is None else tables)
    for start in range(0, len(names), COUNTS_PER_QUERY):
        parts = []
        for name in names[start : start + COUNTS_PER_QUERY]:
            past = " FOR SYSTEM_TIME ALL" if name in live.versioned else ""
            source = f"{quote_name(database)}.{quote_name(name)}{past}"
            parts.append(f"SELECT {quote_text(name)} AS name, COUNT(*) AS number FROM {source}")
        for found, number in client.query(("name", "number"), f"FROM ({' UNION ALL '.join(parts)}) AS counted"):
            counts[found or ""] = int(number or 0)
    return counts


def list_damaged_views(inventory: Inventory) -> list[str]:
    """`database.view` of every view that the server cannot read and that was skipped."""
    return [f"{database}.{name}" for database, live in inventory.items() for name in sorted(live.damaged_views)]


def list_uncertain_columns(inventory: Inventory) -> list[str]:
    """`database.table.column` of every ENUM or SET whose values the server may not tell exactly."""
    return [f"{database}.{name}" for database, live in inventory.items() for name in sorted(live.uncertain_columns)]


def list_unsnapshotted(inventory: Inventory) -> list[str]:
    """`database.table (engine)` of every table that a snapshot does not cover."""
    return [
        f"{database}.{name} ({engine})"
        for database, live in inventory.items()
        for name, engine in sorted(live.tables.items())
        if engine not in TRANSACTIONAL_ENGINES
    ]
