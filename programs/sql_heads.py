"""What the first words of a statement tell: whether a dump would hold it, and who defines the object."""

import re
from dataclasses import dataclass

from programs.failures import ProgramError

CLIENT_COMMANDS = frozenset(
    b"? CHARSET CLEAR CONNECT EDIT EGO EXIT GO HELP NOPAGER NOTEE NOWARNING PAGER PRINT PROMPT QUIT REHASH"
    b" QUERY_ATTRIBUTES SSL_SESSION_DATA_PRINT RESETCONNECTION"
    b" SANDBOX SOURCE STATUS SYSTEM TEE WARNINGS".split()
)
FLAGS = re.IGNORECASE | re.DOTALL
NAME = rb"(?:`(?:[^`]|``)+`|\"(?:[^\"]|\"\")+\"|[\w$]+)"  # double quotes: ANSI_QUOTES
PART = rb"(?:`(?:[^`]|``)*`|'(?:[^'\\]|''|\\.)*'|\"(?:[^\"\\]|\"\"|\\.)*\"|[\w$.%-]+)"
ACCOUNT = rb"(?:CURRENT_(?:USER|ROLE)(?:\s*\(\s*\))?|" + PART + rb"(?:\s*@\s*" + PART + rb")?)"
# A part for some versions only, as /*!50003 CREATE*/: its marks are read as blanks.
BLANK = rb"(?:\s|/\*M?!\d*|\*/)"
VERSION_MARK = re.compile(rb"/\*M?!\d*|\*/")
WORD = re.compile(BLANK + rb"*+(\w+|\?)", FLAGS)
DEFINER = re.compile(
    BLANK + rb"*+CREATE\b" + BLANK + rb"++(?:OR\s+REPLACE\b" + BLANK + rb"++)?"
    rb"(?:ALGORITHM\s*=\s*\w+" + BLANK + rb"++)?DEFINER\s*=\s*(" + ACCOUNT + rb")",
    FLAGS,
)
OBJECT = rb"(?P<object>TABLES?|VIEW|TRIGGER|FUNCTION|PROCEDURE|PACKAGE(?:\s+BODY)?|EVENT|SEQUENCE|DATABASE|SCHEMA)"
TARGET = re.compile(
    rb"\s*(?P<verb>CREATE|DROP|ALTER|INSERT|REPLACE|LOCK)\b(?:\s+(?:OR\s+REPLACE|TEMPORARY|AGGREGATE|IGNORE|INTO"
    rb"|ALGORITHM\s*=\s*\w+|DEFINER\s*=\s*" + ACCOUNT + rb"|SQL\s+SECURITY\s+\w+|IF\s+(?:NOT\s+)?EXISTS"
    rb"|" + OBJECT + rb")(?=\s))*\s+(?P<name>" + NAME + rb")(?:\s*\.\s*(?P<inner>" + NAME + rb"))?",
    FLAGS,
)
SERVER_SETTING = re.compile(rb"\b(?:GLOBAL|PERSIST|PERSIST_ONLY|PASSWORD|ROLE|SQL_LOG_BIN|GTID_PURGED)\b", FLAGS)
USE = re.compile(rb"\s*USE\s+(" + NAME + rb")\s*;", FLAGS)
SEQUENCE_VALUE = re.compile(rb"\s*(?:SELECT|DO)\s+SETVAL\s*\(", FLAGS)
SQL_MODE = re.compile(rb"\bSQL_MODE\s*=\s*('[^']*'|@\w+)", FLAGS)
TARGETED = (b"CREATE", b"DROP", b"ALTER", b"INSERT", b"REPLACE", b"LOCK")
HARMLESS = (b"UNLOCK", b"COMMIT")


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


def check_head(head: bytes, *, database: str) -> str | None:
    """Return why a statement that starts like this is refused, None if a dump of ``database`` may hold it."""
    plain = VERSION_MARK.sub(b" ", head)
    found = WORD.match(plain)
    word = found[1].upper() if found else b""
    if word in CLIENT_COMMANDS:
        return f"it has a command of the client ({word.decode()})"
    if word in HARMLESS or SEQUENCE_VALUE.match(plain):
        return None
    if word == b"SET":
        return (
            "it changes a setting of the server or of the account" if is_server_setting(plain.split(b";")[0]) else None
        )
    if word == b"USE":
        used = USE.match(plain)
        return check_database(used[1] if used else b"", database=database)
    if word not in TARGETED:
        return "it is a statement that dumps do not hold"
    target = TARGET.match(plain)
    if target is None or (word in (b"CREATE", b"DROP", b"ALTER") and not target["object"]):
        return f"it is a statement that dumps do not hold ({word.decode()})"
    is_database = (target["object"] or b"").upper() in (b"DATABASE", b"SCHEMA")
    if is_database or target["inner"]:
        return check_database(target["name"], database=database)
    return None


def is_server_setting(plain: bytes) -> bool:
    """Tell whether a SET reaches further than its own session; words in strings do not count."""
    return SERVER_SETTING.search(re.sub(rb"'[^']*'", b"''", plain)) is not None


def check_database(name: bytes, *, database: str) -> str | None:
    """Return why a statement about the database ``name`` is refused, or None: it is ours."""
    return None if parse_part(name) == database else "it is about another database"


def parse_sql_mode(head: bytes) -> bool | None:
    """Return whether backslashes escape in the strings that follow, or None: the statement does not say."""
    plain = VERSION_MARK.sub(b" ", head.split(b";")[0])
    if plain.strip()[:3].upper() != b"SET":
        return None
    found = SQL_MODE.search(plain)
    return None if found is None else b"NO_BACKSLASH_ESCAPES" not in found[1].upper()


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
