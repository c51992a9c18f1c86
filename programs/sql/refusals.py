"""What is told of a statement that is not let through: to whoever restores, and by a set that was made nonetheless."""

import re

from programs.run.failures import ProgramError
from programs.sql.reading import Refused

OBJECT = re.compile(
    rb"\b(TABLE|VIEW|TRIGGER|FUNCTION|PROCEDURE|PACKAGE BODY|PACKAGE|EVENT|SEQUENCE|INTO)\b[^`\"\w]*"
    rb"(?:IF (?:NOT )?EXISTS )?(`(?:[^`]|``)+`|\"[^\"]+\"|\w+)",
    re.IGNORECASE,
)


def make_sql_refusal(database: str, line: int, refused: Refused, *, thing: str = "") -> ProgramError:
    """Return the error that names the file's database, the line, the object and why it is not let through."""
    what = f"{thing}: " if thing else ""
    params: dict[str, str | int] = {"database": database, "line": line, "reason": refused.reason, "object": thing}
    if refused.hostile:
        message = f"the dump of {database} is refused at line {line}: {what}{refused.reason}"
        hint = "no dump of this manager holds that; find out who wrote this set, and use another"
        return ProgramError("hostile_sql", message, hint=hint, params=params)
    message = f"the dump of {database} is not understood at line {line}: {what}{refused.reason}"
    hint = "a restore refuses it before anything is touched; report the statement, or alter the object"
    return ProgramError("sql_not_understood", message, hint=hint, params=params)


def format_refusal(error: ProgramError) -> str:
    """What a set that was made nonetheless says of a statement that a restore refuses."""
    thing = error.params.get("object") or f"line {error.params.get('line')}"
    place, reason = error.params.get("database"), error.params.get("reason")
    return f"not understood in {place}: {thing}: {reason}; a restore refuses it"


def name_object(text: bytes) -> str:
    """What a statement is about, as far as its beginning tells: for people."""
    found = OBJECT.search(text[:4096])
    if found is None:
        return ""
    kind = found[1].lower().decode().replace("into", "table")
    return f"{kind} {found[2].decode(errors='replace').strip(chr(96) + chr(34))}"
