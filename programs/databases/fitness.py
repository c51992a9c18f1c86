"""Whether a server has what a set needs, beside room and privileges: asked before anything is dropped."""

import re
from collections.abc import Mapping, Sequence

from programs.databases.client import Client
from programs.run.failures import ProgramError
from programs.sets.manifest import Database

WORD = re.compile(r"\w{1,64}")
# From this series on a row of now ends in 2106 and not in 2038: rows of an older dump would all be of the past.
LATER_END = (11, 5)
VERSIONED = re.compile(rb"WITH SYSTEM VERSIONING(?=[^']*(?:'[^']*'[^']*)*\Z)")


def check_fitness(client: Client, databases: Mapping[str, Database]) -> None:
    """Raise ProgramError (``letters_unknown``, ``engine_missing``, ``manifest_invalid``) unless the server can hold
    these databases."""
    rows = client.query(("UPPER(ENGINE)",), "FROM information_schema.ENGINES WHERE SUPPORT IN ('YES', 'DEFAULT')")
    engines = {row[0] for row in rows}
    for name, expected in databases.items():
        check_letters(client, name, expected)
        for table, item in expected.tables.items():
            if item.engine.upper() not in engines:
                message = f"the server has not the engine {item.engine!r} of the table {table} of {name}"
                hint = "install the engine, or choose another backup"
                raise ProgramError("engine_missing", message, hint=hint, params={"database": name, "object": table})


def check_history(
    origin: tuple[int, int], present: tuple[int, int], definitions: Mapping[str, Mapping[str, Sequence[bytes]]]
) -> None:
    """Raise ProgramError (``history_moved``) where tables that keep the past of their rows would show none of now: the
    series of the set's MariaDB and of this one, and the text of the tables, by database."""
    if not origin < LATER_END <= present:
        return
    for database, tables in definitions.items():
        for table, lines in tables.items():
            if VERSIONED.search(b"".join(lines)):
                message = f"{database}.{table} keeps the past of its rows, and this server would show none of now"
                hint = "restore it on a server of the series that it came from, upgrade that one, then back it up again"
                raise ProgramError("history_moved", message, hint=hint, params={"database": database, "object": table})


def check_letters(client: Client, name: str, expected: Database) -> None:
    """Raise ProgramError unless the server knows the character set and the collation, and they belong together."""
    words = (expected.character_set, expected.collation)
    if not all(WORD.fullmatch(word) for word in words):
        raise ProgramError("manifest_invalid", f"a character set of {name} has a wrong name")
    try:
        client.query((f"CONVERT('' USING {words[0]}) COLLATE '{words[1]}'",), "")
    except ProgramError as error:
        if error.params.get("number") not in (1064, 1115, 1253, 1273):  # not a word, unknown ones, not of each other
            raise
        message = f"the server does not know the collation {words[1]} of the character set {words[0]}, as {name} needs"
        hint = "restore it on a newer server, or choose another backup"
        raise ProgramError("letters_unknown", message, hint=hint, params={"database": name}) from error
