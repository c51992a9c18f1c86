"""SET statements as dumps have them, by a strict grammar, and how they change the reading of what follows.

Whether a backslash escapes, what a double quote means and which bytes are letters is decided by the session. A reader
that believes otherwise than the server takes code for a string, so every statement that could change it is understood
whole, or refused.
"""

import re
from dataclasses import dataclass, field

FLAGS = re.IGNORECASE | re.DOTALL
# Executed by every server: MariaDB leaves out 50700 to 99999, which are versions of MySQL only.
ALWAYS = rb"(?:[34]\d{4}|50[0-6]\d\d)?(?!\d)"
SET = re.compile(rb"\s*(?:(?P<always>/\*!" + ALWAYS + rb")|(?P<some>/\*M?!\d{5,6}(?!\d)))?\s*SET\s+", FLAGS)
USER = re.compile(rb"@(?P<name>\w+)\s*:?=\s*", FLAGS)
VARIABLE = re.compile(rb"(?:@@)?(?:(?:SESSION|LOCAL)(?:\s*\.\s*|\s+))?(?P<name>[a-z_]\w*)\s*:?=\s*", FLAGS)
NAMES = re.compile(rb"NAMES\s+(?P<name>'\w+'|\w+)(?:\s+COLLATE\s+(?P<collation>'\w+'|\w+))?", FLAGS)
VALUE = re.compile(
    rb"(?P<text>'[^'\\]*')|@@(?:(?:SESSION|LOCAL)\s*\.\s*)?(?P<variable>\w+)|@(?P<user>\w+)|(?P<word>[\w.]+)", FLAGS
)
END = re.compile(rb"\s*(?P<close>\*/)?\s*;", FLAGS)
COMMA = re.compile(rb"\s*,\s*")
# In these a backslash or a quote may be the second byte of a letter.
UNSAFE_CHARACTER_SETS = (b"big5", b"cp932", b"gb18030", b"gbk", b"sjis", b"default")
NOT_OF_A_SESSION = (b"password", b"sql_log_bin", b"gtid_next", b"gtid_purged", b"pseudo_thread_id", b"init_connect")
ANSI_MODES = {b"ANSI", b"ANSI_QUOTES", b"DB2", b"MAXDB", b"MSSQL", b"ORACLE", b"POSTGRESQL"}
Saved = tuple[str, frozenset[bytes]]  # the sort of a value, and the modes if it is of that sort
PLAIN: Saved = ("plain", frozenset())


def get_sort(variable: bytes) -> str:
    """What a variable decides: mode, letters (character set or collation) or nothing of the reading (plain)."""
    name = variable.lower()
    if name == b"sql_mode":
        return "mode"
    return "letters" if name.startswith((b"character_set_", b"collation_")) else "plain"


@dataclass
class Session:
    """How the server reads on, as far as the statements read so far tell."""

    modes: frozenset[bytes] = frozenset()
    _saved: dict[bytes, Saved] = field(default_factory=dict)

    @property
    def escapes(self) -> bool:
        """Whether a backslash escapes in a string."""
        return b"NO_BACKSLASH_ESCAPES" not in self.modes

    @property
    def ansi(self) -> bool:
        """Whether a double quote may begin a name, in which a backslash is a letter."""
        return not ANSI_MODES.isdisjoint(self.modes)

    @property
    def oracle(self) -> bool:
        """Whether programs are written in the other manner (AS … BEGIN … END)."""
        return b"ORACLE" in self.modes

    def read(self, head: bytes) -> str | None:
        """Take in a SET statement, up to its semicolon. Return why it is refused, None if dumps may hold it."""
        opening = SET.match(head)
        if opening is None:
            return "it is a SET that cannot be read with certainty"
        reader = _Assignments(Session(self.modes, dict(self._saved)), head, always=opening["some"] is None)
        reason = reader.read(opening.end(), closing=opening["always"] is not None or opening["some"] is not None)
        if reason is None:
            self.modes, self._saved = reader.session.modes, reader.session._saved
        return reason


@dataclass
class _Assignments:
    """One statement. ``always``: executed whatever the server's version."""

    session: Session
    head: bytes
    always: bool

    def read(self, position: int, *, closing: bool) -> str | None:
        """Read from after the word SET; ``closing``: a comment mark must be closed at the end."""
        while True:
            found = self._read_one(position)
            if isinstance(found, str):
                return found
            comma = COMMA.match(self.head, found)
            if comma is None:
                break
            position = comma.end()
        end = END.match(self.head, found)
        if end is None or (end["close"] is not None) != closing:
            return "it changes a setting of the server or of the account, or more than dumps do"
        return None

    def _read_one(self, position: int) -> int | str:
        """Return where the assignment ends, or why it is refused."""
        names = NAMES.match(self.head, position)
        if names is not None:
            words = (names["name"], names["collation"] or b"utf8mb4")
            return names.end() if self.always and all(map(is_safe, words)) else "it changes the character set"
        target = USER.match(self.head, position) or VARIABLE.match(self.head, position)
        value = VALUE.match(self.head, target.end()) if target else None
        if target is None or value is None:
            return "it changes a setting of the server or of the account, or more than dumps do"
        name = target["name"].lower()
        if target.re is USER:
            self.session._saved[name] = self._get_saved(value) if self.always else PLAIN
            return value.end()
        if name in NOT_OF_A_SESSION:
            return "it changes a setting of the server or of the account"
        reason = self._assign(get_sort(name), value)
        return value.end() if reason is None else reason

    def _assign(self, sort: str, value: re.Match[bytes]) -> str | None:
        saved = self.session._saved.get((value["user"] or b"").lower(), PLAIN) if value["user"] else PLAIN
        if sort != "plain" and not self.always:
            return "it changes how the text is read, on some versions only"
        if sort == "letters" and not (saved[0] == sort or is_safe(value["word"] or value["text"] or b"")):
            return "it changes the character set"
        if sort == "mode":
            if value["text"] is not None:
                self.session.modes = frozenset(part.strip().upper() for part in value["text"][1:-1].split(b","))
            elif saved[0] == sort:
                self.session.modes = saved[1]
            else:
                return "it changes the SQL mode in a way that dumps do not"
        return None

    def _get_saved(self, value: re.Match[bytes]) -> Saved:
        sort = get_sort(value["variable"]) if value["variable"] else "plain"
        return (sort, self.session.modes if sort == "mode" else frozenset())


def is_safe(name: bytes) -> bool:
    """Tell whether a character set or collation, by name, has no letters that end like a backslash or a quote."""
    word = name.strip(b"'").lower()
    return bool(word) and not word.isdigit() and word.split(b"_")[0] not in UNSAFE_CHARACTER_SETS
