"""Columns whose values, or whose defaults, the text of a dump does not hold exactly: found, and read in another way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from programs.databases.client import Client, quote_name, quote_text

BINARY_TYPES = frozenset(
    "bit binary varbinary tinyblob blob mediumblob longblob geometry point linestring polygon multipoint"
    " multilinestring multipolygon geometrycollection geomcollection vector".split()
)
NUMBER_TYPES = frozenset("tinyint smallint mediumint int bigint decimal float double year".split())
# Each of their letters, and each byte that is none, comes back from utf8mb4 as it was.
SURE_CHARACTER_SETS = ("utf8mb4", "utf8mb3", "utf8", "latin1")
# Of these equal values have several forms in a row as it is stored: their checksum is made from what a SELECT tells.
MANY_FORMS = ("bit", "float", "double", "json")


@dataclass(frozen=True)
class Column:
    """One column that holds values of its own (none that is generated). `character_set` None: not text."""

    name: str
    type: str
    character_set: str | None

    @property
    def is_uncertain(self) -> bool:
        """Whether a byte of it may have no meaning in utf8mb4, in which dumps are written."""
        return self.character_set is not None and self.character_set not in SURE_CHARACTER_SETS

    @property
    def is_raw(self) -> bool:
        """Whether its bytes are what counts."""
        return self.type in BINARY_TYPES


def observe_special_tables(client: Client, database: str, *, also: Iterable[str] = ()) -> dict[str, list[Column]]:
    """All columns, in order, of each table that has a column whose values a dump or a plain checksum may get wrong, and
    of the tables in ``also``."""
    schema = f"TABLE_SCHEMA = {quote_text(database)}"
    types = ",".join(f"'{name}'" for name in MANY_FORMS)
    sure = ",".join(f"'{name}'" for name in SURE_CHARACTER_SETS)
    # A plain checksum also takes what the server computes, which need not be there before it is asked for.
    computed = "COALESCE(GENERATION_EXPRESSION, '') <> ''"
    special = f"DATA_TYPE IN ({types}) OR CHARACTER_SET_NAME NOT IN ({sure}) OR {computed}"
    special += "".join(f" OR TABLE_NAME = {quote_text(name)}" for name in also)
    tables = client.query(("TABLE_NAME",), f"FROM information_schema.COLUMNS WHERE {schema} AND ({special})")
    found: dict[str, list[Column]] = {row[0] or "": [] for row in tables}
    if not found:
        return {}
    names = ("TABLE_NAME", "COLUMN_NAME", "LOWER(DATA_TYPE)", "CHARACTER_SET_NAME", "EXTRA")
    among = ",".join(quote_text(name) for name in found)
    rest = f"FROM information_schema.COLUMNS WHERE {schema} AND TABLE_NAME IN ({among}) ORDER BY ORDINAL_POSITION"
    for table, name, kind, character_set, extra in client.query(names, rest):
        if table in found and "GENERATED" not in (extra or "").upper().replace("DEFAULT_GENERATED", ""):
            found[table].append(Column(name or "", kind or "", character_set))
    return found


def observe_defaults(client: Client, database: str, *, unsure: list[str] | None = None) -> dict[str, dict[str, str]]:
    """By table and column, the SQL of each default that the server tells wrongly: letters outside of the basic plane
    become a question mark, a FLOAT keeps six digits. ``unsure`` takes the columns of which it cannot be known."""
    schema = f"TABLE_SCHEMA = {quote_text(database)} AND COLUMN_DEFAULT IS NOT NULL"
    float_columns = "(DATA_TYPE = 'float' AND COLUMN_DEFAULT REGEXP '^[-+0-9.e]+$')"
    texts = "(CHARACTER_SET_NAME IS NOT NULL AND LOCATE('?', COLUMN_DEFAULT) > 0)"
    names = ("TABLE_NAME", "COLUMN_NAME", "DATA_TYPE", "COLUMN_DEFAULT", "EXTRA", "VERSION()")
    rest = f"FROM information_schema.COLUMNS WHERE {schema} AND ({float_columns} OR {texts})"
    exact: dict[str, dict[str, str]] = {}
    for table, name, kind, told, extra, version in client.query(names, rest):
        is_text = kind != "float"
        if not table or not name or told is None or "DEFAULT_GENERATED" in (extra or ""):
            continue
        if is_text and "mariadb" in (version or "").lower() and not told.startswith("'"):
            continue  # an expression; MariaDB tells values between quotes
        value = f"DEFAULT(one.{quote_name(name)})" + ("" if is_text else "*1e0")
        source = f"FROM (SELECT 1) AS here LEFT JOIN {quote_name(database)}.{quote_name(table)} AS one ON"
        # A server may tell the default of a row that there is, and not of one that there is not.
        rows = [client.query((value,), f"{source} {condition} LIMIT 1") for condition in ("0", "1")]
        found = next((row[0][0] for row in rows if row and row[0][0] is not None), None)
        if found is None and unsure is not None:
            unsure.append(f"{database}.{table}.{name}")
        plain = told[1:-1] if told.startswith("'") else told
        if found is None or found == plain:
            continue
        literal = quote_default(found) if is_text else found
        exact.setdefault(table, {})[name] = literal
    return exact


def quote_default(text: str) -> str:
    """A string literal as definitions of tables have it."""
    table = {"'": "''", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0"}
    return "'" + "".join(table.get(character, character) for character in text) + "'"


def make_checksum(columns: list[Column]) -> str:
    """The expression of a checksum that does not depend on the order of rows, nor on the form a value is stored in.

    Columns that the server computes are not among ``columns``: a table may have none but those."""
    parts = []
    for column in columns:
        name = quote_name(column.name)
        if column.type in ("float", "double"):
            name = f"({name} + 0e0)"  # no negative zero
        elif column.type == "bit":
            name = f"({name} + 0)"
        elif column.is_raw or column.character_set is not None:
            name = f"CAST({name} AS BINARY)"
        parts.append(f"IFNULL(CONCAT('=', {name}), '-')")
    if not parts:
        return "CONCAT(COUNT(*), ':0')"
    return f"CONCAT(COUNT(*), ':', IFNULL(SUM(CRC32(CONCAT_WS(',', {', '.join(parts)}))), 0))"


def select_inexact(columns: Mapping[str, list[Column]]) -> dict[str, list[Column]]:
    """The tables whose rows a dump does not tell exactly for sure."""
    found = ((table, ones) for table, ones in columns.items())
    return {table: ones for table, ones in found if any(one.type == "float" or one.is_uncertain for one in ones)}
