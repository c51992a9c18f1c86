"""Foreign keys of the databases, and the rows that name rows which are not there."""

from dataclasses import dataclass

from programs.databases.client import Client, quote_name, quote_text


@dataclass(frozen=True)
class ForeignKey:
    """One foreign key: (column, column that it names) pairs."""

    database: str
    name: str
    table: str
    referenced_database: str
    referenced_table: str
    columns: tuple[tuple[str, str], ...]


def list_foreign_keys(client: Client) -> list[ForeignKey]:
    """Return the foreign keys of the account's databases."""
    names = ", ".join(map(quote_text, client.access.databases))
    columns = (
        "CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_NAME REFERENCED_TABLE_SCHEMA REFERENCED_TABLE_NAME"
        " COLUMN_NAME REFERENCED_COLUMN_NAME"
    ).split()
    order = "CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION"
    ours = f"CONSTRAINT_SCHEMA IN ({names}) AND REFERENCED_TABLE_NAME IS NOT NULL"
    rest = f"FROM information_schema.KEY_COLUMN_USAGE WHERE {ours} ORDER BY {order}"
    pairs: dict[tuple[str, str, str, str, str], list[tuple[str, str]]] = {}
    for row in client.query(columns, rest):
        schema, name, table, other_schema, other_table, column, other = (cell or "" for cell in row)
        pairs.setdefault((schema, name, table, other_schema, other_table), []).append((column, other))
    return [
        ForeignKey(schema, name, table, other_schema, other_table, tuple(found))
        for (schema, name, table, other_schema, other_table), found in pairs.items()
    ]


def count_orphans(client: Client, key: ForeignKey, *, child: str = "", parent: str = "") -> int:
    """Return how many rows name a row that is not there. A key with a NULL in it names none. `child`, `parent`: quoted
    names of tables that are looked at in the place of the key's own."""
    child = child or f"{quote_name(key.database)}.{quote_name(key.table)}"
    parent = parent or f"{quote_name(key.referenced_database)}.{quote_name(key.referenced_table)}"
    joined = " AND ".join(f"p.{quote_name(other)} = c.{quote_name(column)}" for column, other in key.columns)
    named = " AND ".join(f"c.{quote_name(column)} IS NOT NULL" for column, _other in key.columns)
    # NOT EXISTS asks for the parent's row by its index; a count of none is told too.
    rest = f"FROM {child} c WHERE {named} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {joined})"
    return int(client.query(("COUNT(*)",), rest)[0][0] or 0)
