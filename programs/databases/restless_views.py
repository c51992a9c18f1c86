"""Views whose text a server changes each time it reads its own: no two loads of them are told alike.

MySQL 9.7 adds a condition to an INTERSECT with every load. What such a view means is as it was; only its text cannot be
compared.
"""

from collections.abc import Iterable

from programs.databases.client import Client, quote_name, quote_text
from programs.databases.scratch import PREFIX
from programs.run.failures import ProgramError

THROWAWAY = f"{PREFIX}0"


def list_restless(client: Client, database: str, views: Iterable[str]) -> set[str]:
    """Those of these views that come out otherwise when the server is given its own text. Raise ProgramError."""
    return {name for name in views if is_restless(client, database, name)}


def is_restless(client: Client, database: str, name: str) -> bool:
    """Tell whether a view that is made of this one's text, in its place under a throwaway name, has another one."""
    told = observe_text(client, database, name)
    throwaway = f"{quote_name(database)}.{quote_name(THROWAWAY)}"
    if told is None:
        return False
    try:
        client.run(f"SET SESSION sql_mode=''; CREATE VIEW {throwaway} AS {told};")
        return observe_text(client, database, THROWAWAY) != told
    except ProgramError as error:
        if error.code not in ("database_failed", "database_refused"):
            raise
        return False  # it cannot be made of its own text: another fault, to be told
    finally:
        client.run(f"DROP VIEW IF EXISTS {throwaway};")


def observe_text(client: Client, database: str, name: str) -> str | None:
    """The query of a view as the server tells it now; None where there is none."""
    where = f"TABLE_SCHEMA = {quote_text(database)} AND TABLE_NAME = {quote_text(name)}"
    rows = client.query(("VIEW_DEFINITION",), f"FROM information_schema.VIEWS WHERE {where}")
    return rows[0][0] if rows else None
