"""Databases and objects of throwaway names, in which the definitions of a set are tried: made, and removed again.

No backup holds them: what a killed restore left behind is removed by whatever runs next.
"""

import re
from collections.abc import Mapping

from programs.databases.client import Client, quote_name, quote_text
from programs.run.failures import ProgramError
from programs.sets.manifest import Database

PREFIX = "civiparoisse_trial_"
NAME = re.compile(re.escape(PREFIX) + r"\d+")
# By the word that drops it: where the server lists what has such a name (table, schema, name, condition).
LISTS = {
    "TABLE": ("TABLES", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE <> 'SEQUENCE'"),
    "SEQUENCE": ("TABLES", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE = 'SEQUENCE'"),
    "FUNCTION": ("ROUTINES", "ROUTINE_SCHEMA", "ROUTINE_NAME", "ROUTINE_TYPE = 'FUNCTION'"),
    "PROCEDURE": ("ROUTINES", "ROUTINE_SCHEMA", "ROUTINE_NAME", "ROUTINE_TYPE = 'PROCEDURE'"),
    "EVENT": ("EVENTS", "EVENT_SCHEMA", "EVENT_NAME", "1"),
}


def make_scratch_databases(client: Client, databases: Mapping[str, Database]) -> dict[str, str] | None:
    """Make an empty database for each of these, by name; return their throwaway names, None where the account may not
    make any. Raise ProgramError."""
    made: dict[str, str] = {}
    for number, (name, expected) in enumerate(databases.items()):
        letters = f"CHARACTER SET {expected.character_set} COLLATE {expected.collation}"
        try:
            client.run(f"CREATE DATABASE {quote_name(f'{PREFIX}{number}')} {letters};")
        except ProgramError as error:
            if error.code != "database_refused":
                raise
            return None
        made[name] = f"{PREFIX}{number}"
    return made


def remove_scratch(client: Client) -> None:
    """Remove what has a throwaway name: databases, and objects in the databases of the account. Raise ProgramError."""
    pattern = quote_text(PREFIX.replace("_", "\\_") + "%")
    among = ",".join(quote_text(name) for name in client.access.databases)
    lists = [f"SELECT 'DATABASE', '', SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE {pattern}"]
    for word, (table, schema, column, condition) in LISTS.items():
        where = f"{schema} IN ({among}) AND {column} LIKE {pattern} AND {condition}"
        lists.append(f"SELECT '{word}', {schema}, {column} FROM information_schema.{table} WHERE {where}")
    head = "SELECT '' AS word, '' AS place, '' AS name LIMIT 0"
    drops = []
    for sort, place, name in client.query(
        ("word", "place", "name"), f"FROM (({head}) UNION ALL {' UNION ALL '.join(lists)}) AS found"
    ):
        if name and NAME.fullmatch(name):
            inside = f"{quote_name(place)}." if place else ""
            drops.append(f"DROP {sort} IF EXISTS {inside}{quote_name(name)}")
    if drops:
        client.run(f"SET SESSION foreign_key_checks=0, lock_wait_timeout=30; {'; '.join(drops)};")
