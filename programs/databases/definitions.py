"""Definitions of tables after a load, beside those in the set: line by line, which is column by column."""

import re
from collections.abc import Mapping, Sequence

from programs.databases.client import Client, Vendor, quote_name
from programs.databases.columns import quote_default
from programs.databases.session import Session

Definitions = Mapping[str, Sequence[bytes]]  # by table, the lines after the first, the last with its semicolon
_BEYOND = re.compile(rb"[\xf0-\xf4][\x80-\xbf]{3}")  # a letter that servers tell as a question mark
_FLOAT_DEFAULT = re.compile(rb"^(  `(?:[^`]|``)+` float\b.* DEFAULT )[-+.\w]+")
# MySQL tells the character set of a column once somebody gave its collation by name, as every dump does.
_LETTERS = re.compile(rb"^(  `(?:[^`]|``)+` (?:[^']|'(?:[^'\\]|\\.|'')*')*?) CHARACTER SET (\w+)(?= COLLATE \2_)", re.S)
# So MySQL tells a default that has such a letter, and bytes.
_HEX_DEFAULT = re.compile(rb" DEFAULT 0x((?:[0-9A-Fa-f]{2})+)")
_COUNTER = re.compile(rb" AUTO_INCREMENT=\d+")
_NAMED = re.compile(rb"  (?:CONSTRAINT |(?:UNIQUE |FULLTEXT |SPATIAL )?KEY )?`((?:[^`]|``)+)`")


def observe_definitions(client: Client, vendor: Vendor, database: str, tables: Sequence[str]) -> Definitions:
    """What the server says of each table now, as a dump would have it."""
    found: dict[str, list[bytes]] = {}
    with Session(client, vendor, raw=True) as session:
        session.ask("SET sql_mode='', sql_quote_show_create=1;")
        for table in tables:
            lines = session.ask(f"SHOW CREATE TABLE {quote_name(database)}.{quote_name(table)};")
            text = b"\n".join(lines).split(b" (\n", 1)[-1]
            found[table] = [*(text + b";").splitlines(keepends=True)]
    return found


def list_differences(found: Definitions, expected: Definitions) -> list[str]:
    """`table.column` (or index, or constraint) of each line that is not as it was; `table` for its options."""
    told = []
    for table, lines in sorted(expected.items()):
        wanted = [normalise(line) for line in lines]
        there = [normalise(line) for line in found.get(table, ())]
        odd = [line for line in wanted if line not in there] + [line for line in there if line not in wanted]
        names = {match[1].decode(errors="replace") if (match := _NAMED.match(line)) else "" for line in odd}
        if not odd and wanted != there:
            names = {""}  # the same columns in another order
        told += [f"{table}.{name}" if name else table for name in sorted(names)]
    return told


def normalise(line: bytes) -> bytes:
    """A line without what servers tell inexactly, nor the comma that is its place; and without its counter, which may
    be higher than the rows need."""
    text = _HEX_DEFAULT.sub(write_out_default, _COUNTER.sub(b"", line.rstrip(b"\r\n")))
    text = _BEYOND.sub(b"?", text)
    return _LETTERS.sub(rb"\1", _FLOAT_DEFAULT.sub(rb"\1?", text)).rstrip(b",;")


def write_out_default(found: re.Match[bytes]) -> bytes:
    """The default as a string, as our dumps write it."""
    text = bytes.fromhex(found[1].decode()).decode(errors="surrogateescape")
    return b" DEFAULT " + quote_default(text).encode(errors="surrogateescape")
