"""SET statements as dumps have them, by a strict grammar, and what they make of the session.

Whether a backslash escapes, what a double quote means and which bytes are letters is decided by the session. None of
these statements is ever sent: what they come to is kept here, and whoever loads the dump sets the server's session to
exactly that, in literals (`list_changes`). So the reader and the server cannot believe different things.
"""

import re
from dataclasses import dataclass, field

FLAGS = re.IGNORECASE | re.DOTALL
SET = re.compile(
    rb"\s*(?:(?P<always>/\*!(?:[34]\d{4}|50[0-6]\d\d)?(?!\d))|(?P<some>/\*M?!\d{5,6}(?!\d)))?\s*SET\s+", FLAGS
)
USER = re.compile(rb"@(?P<name>\w+)\s*:?=\s*@@(?:(?:SESSION|LOCAL)\s*\.\s*)?(?P<variable>\w+)", FLAGS)
VARIABLE = re.compile(rb"(?:@@)?(?:(?:SESSION|LOCAL)(?:\s*\.\s*|\s+))?(?P<name>[a-z_]\w*)\s*:?=\s*", FLAGS)
NAMES = re.compile(rb"NAMES\s+(?P<name>'\w+'|\w+)(?:\s+COLLATE\s+(?P<collation>'\w+'|\w+))?(?!\w)", FLAGS)
VALUE = re.compile(rb"(?P<text>'[^'\\]*')|@(?P<user>\w+)|(?P<word>[\w.]+)", FLAGS)
END = re.compile(rb"\s*(?P<close>\*/)?\s*\Z", FLAGS)
COMMA = re.compile(rb"\s*,\s*")
# In these a backslash or a quote may be the second byte of a letter.
UNSAFE_CHARACTER_SETS = (b"big5", b"cp932", b"gb18030", b"gbk", b"sjis", b"default", b"ucs2", b"utf16", b"utf32")
ANSI_MODES = {b"ANSI", b"ANSI_QUOTES", b"DB2", b"MAXDB", b"MSSQL", b"ORACLE", b"POSTGRESQL"}
MODES = ANSI_MODES | frozenset(
    b"ALLOW_INVALID_DATES EMPTY_STRING_IS_NULL ERROR_FOR_DIVISION_BY_ZERO HIGH_NOT_PRECEDENCE IGNORE_BAD_TABLE_OPTIONS"
    b" IGNORE_SPACE MYSQL323 MYSQL40 NO_AUTO_CREATE_USER NO_AUTO_VALUE_ON_ZERO NO_BACKSLASH_ESCAPES NO_DIR_IN_CREATE"
    b" NO_ENGINE_SUBSTITUTION NO_FIELD_OPTIONS NO_KEY_OPTIONS NO_TABLE_OPTIONS NO_UNSIGNED_SUBTRACTION NO_ZERO_DATE"
    b" NO_ZERO_IN_DATE ONLY_FULL_GROUP_BY PAD_CHAR_TO_FULL_LENGTH PIPES_AS_CONCAT REAL_AS_FLOAT SIMULTANEOUS_ASSIGNMENT"
    b" STRICT_ALL_TABLES STRICT_TRANS_TABLES TIME_ROUND_FRACTIONAL TIME_TRUNCATE_FRACTIONAL TRADITIONAL".split()
)
# The user variables that dump programs save a setting in, and put it back from; no others.
SAVED = {
    b"old_autocommit": b"autocommit",
    b"old_character_set_client": b"character_set_client",
    b"old_character_set_results": b"character_set_results",
    b"old_collation_connection": b"collation_connection",
    b"old_foreign_key_checks": b"foreign_key_checks",
    b"old_note_verbosity": b"note_verbosity",
    b"old_sql_mode": b"sql_mode",
    b"old_sql_notes": b"sql_notes",
    b"old_system_versioning_insert_history": b"system_versioning_insert_history",
    b"old_time_zone": b"time_zone",
    b"old_unique_checks": b"unique_checks",
    b"save_time_zone": b"time_zone",
    b"saved_col_connection": b"collation_connection",
    b"saved_cs_client": b"character_set_client",
    b"saved_cs_results": b"character_set_results",
    b"saved_sql_mode": b"sql_mode",
    b"saved_time_zone": b"time_zone",
}
LETTERS = rb"'?[a-z]\w{1,63}'?"
SWITCH = rb"[01]"
# What may be set, to which values. Those without a start are of no effect on what is loaded, and are left alone.
ACCEPTED = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        b"autocommit": SWITCH,
        b"character_set_client": LETTERS,
        b"character_set_connection": LETTERS,
        b"character_set_results": LETTERS + rb"|NULL",
        b"collation_connection": LETTERS,
        b"foreign_key_checks": SWITCH,
        b"information_schema_stats_expiry": rb"\d{1,9}",
        b"note_verbosity": rb"\d{1,3}|'[\w,]*'",
        b"sql_mode": rb"'[\w, ]*'",
        b"sql_notes": SWITCH,
        b"system_versioning_insert_history": SWITCH,
        b"time_zone": rb"'(?:SYSTEM|[+-]\d{1,2}:\d\d|[a-z][\w+-]*(?:/[\w+-]+){0,3})'",
        b"unique_checks": SWITCH,
    }.items()
}
DEFAULT = b"default of "  # a character set, as SET NAMES without COLLATE
START = {
    b"character_set_client": b"utf8mb4",
    b"character_set_results": b"utf8mb4",
    b"collation_connection": DEFAULT + b"utf8mb4",
    b"foreign_key_checks": b"0",
    b"sql_mode": b"'NO_AUTO_VALUE_ON_ZERO'",
    b"sql_notes": b"0",
    b"time_zone": b"'+00:00'",
    b"unique_checks": b"0",
}
OF_MARIADB = frozenset({b"system_versioning_insert_history"})


@dataclass
class Session:
    """How the server is to read on, as far as the statements read so far tell: by variable, its value as a literal."""

    values: dict[bytes, bytes] = field(default_factory=lambda: dict(START))
    _saved: dict[bytes, bytes | None] = field(default_factory=dict)

    @property
    def modes(self) -> frozenset[bytes]:
        """The words of the SQL mode."""
        return frozenset(part.strip().upper() for part in self.values[b"sql_mode"][1:-1].split(b","))

    @property
    def escapes(self) -> bool:
        """Whether a backslash escapes in a string."""
        return b"NO_BACKSLASH_ESCAPES" not in self.modes

    @property
    def ansi(self) -> bool:
        """Whether a double quote begins a name, in which a backslash is a letter."""
        return not ANSI_MODES.isdisjoint(self.modes)

    def read(self, statement: bytes) -> str | None:
        """Take in a SET statement, without its semicolon. Return why it is refused, None if dumps may hold it."""
        opening = SET.match(statement)
        if opening is None:
            return "it is a SET that cannot be read with certainty"
        reader = _Assignments(Session(dict(self.values), dict(self._saved)), statement)
        reason = reader.read(opening.end(), closing=opening["always"] is not None or opening["some"] is not None)
        if reason is None and opening["some"] is not None and self._differs(reader.session):
            reason = "it changes how the text is read, on some versions only"
        if reason is None:
            self.values, self._saved = reader.session.values, reader.session._saved
        return reason

    def _differs(self, other: "Session") -> bool:
        return any(self.values.get(name) != other.values.get(name) for name in (*START, b"autocommit"))


def list_changes(wanted: dict[bytes, bytes], present: dict[bytes, bytes]) -> bytes:
    """The statement that makes a session what is ``wanted``, empty when it is so already."""
    sent = [name for name in wanted if name in START or name in OF_MARIADB]
    changed = {name: wanted[name] for name in sent if present.get(name) != wanted[name]}
    parts = []
    letters = changed.get(b"collation_connection", b"")
    if letters.startswith(DEFAULT):
        parts.append(b"NAMES " + letters.removeprefix(DEFAULT))
        del changed[b"collation_connection"]
        changed |= {name: wanted[name] for name in (b"character_set_client", b"character_set_results")}
    parts += [b"SESSION %b=%b" % item for item in changed.items()]
    return b"SET " + b", ".join(parts) if parts else b""


@dataclass
class _Assignments:
    """One statement, and the session that it leaves."""

    session: Session
    text: bytes

    def read(self, position: int, *, closing: bool) -> str | None:
        """Read from after the word SET; ``closing``: a comment mark must be closed at the end."""
        while True:
            found = self._read_one(position)
            if isinstance(found, str):
                return found
            comma = COMMA.match(self.text, found)
            if comma is None:
                break
            position = comma.end()
        end = END.match(self.text, found)
        if end is None or (end["close"] is not None) != closing:
            return "it changes a setting of the server or of the account, or more than dumps do"
        return None

    def _read_one(self, position: int) -> int | str:
        """Return where the assignment ends, or why it is refused."""
        names = NAMES.match(self.text, position)
        if names is not None:
            return self._take_names(names["name"], names["collation"]) or names.end()
        saving = USER.match(self.text, position)
        if saving is not None:
            name, variable = saving["name"].lower(), saving["variable"].lower()
            if SAVED.get(name) != variable:
                return "it sets a variable that dumps do not have"
            self.session._saved[name] = self.session.values.get(variable)
            return saving.end()
        target = VARIABLE.match(self.text, position)
        value = VALUE.match(self.text, target.end()) if target else None
        if target is None or value is None:
            return "it changes a setting of the server or of the account, or more than dumps do"
        return self._assign(target["name"].lower(), value) or value.end()

    def _take_names(self, name: bytes, collation: bytes | None) -> str | None:
        if not is_safe(name) or (collation and not is_safe(collation)):
            return "it changes the character set"
        letters, values = name.strip(b"'").lower(), self.session.values
        values[b"character_set_client"] = values[b"character_set_results"] = letters
        values[b"collation_connection"] = collation or DEFAULT + letters
        return None

    def _assign(self, name: bytes, value: re.Match[bytes]) -> str | None:
        accepted = ACCEPTED.get(name)
        if accepted is None:
            return "it changes a setting of the server or of the account"
        if value["user"] is not None:
            return self._put_back(name, value["user"].lower())
        literal = value["text"] or value["word"]
        if not accepted.fullmatch(literal):
            return f"it sets {name.decode()} in a way that dumps do not"
        if name.startswith((b"character_set_", b"collation_")) and not is_safe(literal):
            return "it changes the character set"
        if name == b"sql_mode":
            words = {part.strip().upper() for part in literal[1:-1].split(b",")} - {b""}
            if not words <= MODES:
                return "it sets an SQL mode that is not known"
        if name == b"character_set_connection":
            return None
        self.session.values[name] = literal
        return None

    def _put_back(self, name: bytes, user: bytes) -> str | None:
        if SAVED.get(user) != name or user not in self.session._saved:
            return "it sets a setting from a variable that dumps do not have"
        saved = self.session._saved[user]
        if saved is None:
            self.session.values.pop(name, None)
        else:
            self.session.values[name] = saved
        return None


def is_safe(name: bytes) -> bool:
    """Tell whether a character set or collation, by name, has no letters that end like a backslash or a quote."""
    word = name.strip(b"'").lower()
    return bool(word) and not word.isdigit() and word.split(b"_")[0] not in UNSAFE_CHARACTER_SETS
