"""What the beginning of a statement tells: whether a dump would hold it, and who defines the object."""

import re
from dataclasses import dataclass

from programs.run.failures import ProgramError
from programs.sql.settings import ALWAYS, Session

CLIENT_COMMANDS = frozenset(
    b"? CHARSET CLEAR CONNECT EDIT EGO EXIT GO HELP NOPAGER NOTEE NOWARNING PAGER PRINT PROMPT QUIT REHASH"
    b" QUERY_ATTRIBUTES SSL_SESSION_DATA_PRINT RESETCONNECTION"
    b" SANDBOX SOURCE STATUS SYSTEM TEE WARNINGS".split()
)
FLAGS = re.IGNORECASE | re.DOTALL
NAME = rb"(?:`(?:[^`]|``)+`|\"(?:[^\"]|\"\")+\"|[\w$]+)"  # double quotes: ANSI_QUOTES
PART = rb"(?:`(?:[^`]|``)*`|'(?:[^'\\]|''|\\.)*'|\"(?:[^\"\\]|\"\"|\\.)*\"|[\w$.%-]+)"
ACCOUNT = rb"(?:CURRENT_(?:USER|ROLE)(?:\s*\(\s*\))?|" + PART + rb"(?:\s*@\s*" + PART + rb")?)"
# A part that every server executes, as /*!50003 CREATE*/: its marks are read as blanks. Others are not, so that
# nothing can stand behind them.
MARK = rb"/\*!" + ALWAYS + rb"|\*/"
BLANK = rb"(?:\s|" + MARK + rb")"
VERSION_MARK = re.compile(MARK)
WORD = re.compile(rb"(?:" + BLANK + rb"|/\*M?!\d+)*+(\w+|\?)", FLAGS)
DEFINER = re.compile(
    BLANK + rb"*+CREATE\b" + BLANK + rb"++(?:OR\s+REPLACE\b" + BLANK + rb"++)?"
    rb"(?:ALGORITHM\s*=\s*\w+" + BLANK + rb"++)?DEFINER\s*=\s*(" + ACCOUNT + rb")",
    FLAGS,
)
OBJECT = rb"(?P<object>TABLES?|VIEW|TRIGGER|FUNCTION|PROCEDURE|PACKAGE(?:\s+BODY)?|EVENT|SEQUENCE|DATABASE|SCHEMA)"
TARGET = re.compile(
    rb"\s*(?P<verb>CREATE|DROP|ALTER)\b(?:\s+(?:OR\s+REPLACE|AGGREGATE"
    rb"|ALGORITHM\s*=\s*\w+|DEFINER\s*=\s*" + ACCOUNT + rb"|SQL\s+SECURITY\s+\w+|IF\s+(?:NOT\s+)?EXISTS"
    rb"|" + OBJECT + rb")(?=\s))*\s+(?P<name>" + NAME + rb")(?:\s*\.\s*(?P<inner>" + NAME + rb"))?",
    FLAGS,
)
USE = re.compile(rb"\s*USE\s+(" + NAME + rb")\s*;", FLAGS)
# Statements that are known from their first word to their semicolon. The last may set what a sequence gives next.
WHOLE = tuple(
    re.compile(rb"\s*" + pattern + rb"\s*;", FLAGS)
    for pattern in (
        rb"UNLOCK\s+TABLES",
        rb"COMMIT",
        rb"LOCK\s+TABLES\s+" + NAME + rb"\s+WRITE",
        rb"(?:SELECT|DO)\s+SETVAL\s*\(\s*" + NAME + rb"(?:\s*,\s*-?\d+)+\s*\)",
    )
)
ROWS = re.compile(rb"INSERT\s+(?:IGNORE )?INTO `(?:[^`]|``)+`(?: \((?:[, \w]|`(?:[^`]|``)+`)*\))? VALUES\s")
# What may follow the name.
TAILS = {
    b"CREATE TABLE": re.compile(rb"\s*\("),
    b"CREATE FUNCTION": re.compile(rb"\s*(?:\(|RETURN\b)", FLAGS),  # RETURNS … SONAME would load a library
    b"DROP": re.compile(rb"\s*;"),
    b"ALTER TABLE": re.compile(rb"\s+(?:(?:DIS|EN)ABLE\s+KEYS\s*;|ADD\b(?![^;]*\bRENAME\b))", FLAGS),
    b"ALTER DATABASE": re.compile(rb"\s+(?:CHARACTER\s+SET\s+\w+\s*)?(?:COLLATE\s+\w+\s*)?;", FLAGS),
}
PROGRAMS = (b"TRIGGER", b"FUNCTION", b"PROCEDURE", b"EVENT", b"PACKAGE")
STRING_OR_COMMENT = re.compile(
    rb"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|(?:--\s|#)[^\n]*|/\*(?!M?!).*?\*/", re.DOTALL
)
COMPOUND = re.compile(rb"\b(?:BEGIN|THEN|LOOP|REPEAT|WHILE)\b", FLAGS)


@dataclass(frozen=True)
class DefinerChange:
    """Where in the head the account stands (offsets), and what it was."""

    start: int
    end: int
    definer: str


def make_sql_refusal(database: str, line: int, reason: str) -> ProgramError:
    """Return the error that names the file's database, the line and why it is not let through."""
    return ProgramError(
        "hostile_sql",
        f"the dump of {database} is refused at line {line}: {reason}",
        hint="no dump of this manager holds that; find out who wrote this set, and use another",
        params={"database": database, "line": line, "reason": reason},
    )


def check_head(head: bytes, *, database: str, session: Session) -> str | None:
    """Return why a statement that starts like this is refused, None if a dump of ``database`` may hold it.

    A SET is taken into ``session``."""
    found = WORD.match(head)
    word = found[1].upper() if found else b""
    if word in CLIENT_COMMANDS:
        return f"it has a command of the client ({word.decode()})"
    if word == b"SET":
        return session.read(head)
    plain = VERSION_MARK.sub(b" ", head)
    if any(pattern.match(plain) for pattern in WHOLE) or ROWS.match(head):
        return None
    if word == b"USE":
        used = USE.match(plain)
        return check_database(used[1] if used else b"", database=database)
    target = TARGET.match(plain)
    if target is None or not target["object"]:
        return f"it is a statement that dumps do not hold ({word.decode(errors='replace')})"
    sort = target["object"].upper().replace(b"SCHEMA", b"DATABASE").removesuffix(b"S")
    if sort == b"DATABASE" or target["inner"]:
        reason = check_database(target["name"], database=database)
        if reason is not None:
            return reason
    verb = target["verb"].upper()
    tail = TAILS.get(verb) or TAILS.get(verb + b" " + sort)
    if (tail is not None and not tail.match(plain, target.end())) or (tail is None and verb == b"ALTER"):
        return f"it is a statement that dumps do not hold ({word.decode()})"
    return None


def is_compound(head: bytes, *, oracle: bool) -> bool:
    """Tell whether semicolons may stand inside of a statement: the body of a trigger, routine or event is a block."""
    plain = VERSION_MARK.sub(b" ", head)
    target = TARGET.match(plain)
    if target is None or target["verb"].upper() != b"CREATE" or not target["object"].upper().startswith(PROGRAMS):
        return False
    before = STRING_OR_COMMENT.sub(b" ", plain).split(b";")[0]
    return oracle or COMPOUND.search(before) is not None


def check_database(name: bytes, *, database: str) -> str | None:
    """Return why a statement about the database ``name`` is refused, or None: it is ours."""
    return None if parse_part(name) == database else "it is about another database"


def make_definer_change(head: bytes, *, account: str) -> DefinerChange | None:
    """Return what to replace so that ``account`` (user@host) defines the object, None if it does already."""
    found = DEFINER.match(head)
    if found is None:
        return None
    parts = [parse_part(part) for part in re.findall(PART, found[1], FLAGS)]
    definer = "@".join(parts)
    if definer == account or definer.upper().startswith("CURRENT_USER"):
        return None
    return DefinerChange(start=found.start(1), end=found.end(1), definer=definer)


def parse_part(part: bytes) -> str:
    """Return an identifier, or a user or host name, without its quotes."""
    text = part.decode(errors="replace")
    quote = text[:1]
    return text[1:-1].replace(quote * 2, quote) if quote in ("`", "'", '"') else text
