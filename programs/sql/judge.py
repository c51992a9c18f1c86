"""Whether a statement is one that a dump of one database holds: one judge for backup, verify, restore and import.

Each statement is sent to the server by itself, so that the server takes one and no more; here its kind and all that it
names is judged, in every reading that a server may have of it. What is known to do harm is ``hostile_sql``; what is
merely not understood is ``sql_not_understood``: a backup says so and goes on, a restore refuses it before anything is
dropped.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from programs.sql.accounts import read_account
from programs.sql.bodies import check_one_statement, find_body
from programs.sql.reading import Reading, Refused
from programs.sql.settings import Session
from programs.sql.table_options import read_sequence_options, read_table_options
from programs.sql.tokens import NotRead, Token, list_readings

CLIENT_COMMANDS = frozenset(
    "? CHARSET CLEAR CONNECT EDIT EGO EXIT GO HELP NOPAGER NOTEE NOWARNING PAGER PRINT PROMPT QUIT REHASH"
    " QUERY_ATTRIBUTES SSL_SESSION_DATA_PRINT RESETCONNECTION SANDBOX SOURCE STATUS SYSTEM TEE WARNINGS \\".split()
)
SET = re.compile(rb"(?:\s|/\*!(?:[34]\d{4}|50[0-6]\d\d)?(?!\d)|/\*M?!\d{5,6}(?!\d))*SET\s", re.IGNORECASE)
PROGRAMS = ("TRIGGER", "FUNCTION", "PROCEDURE", "EVENT", "PACKAGE")
DEFINED = (*PROGRAMS, "PACKAGE BODY", "VIEW")
SORTS = (*PROGRAMS, "TABLE", "VIEW", "SEQUENCE", "DATABASE", "SCHEMA")
# In the columns of a table, and in a view, these words have no place outside of strings and names.
NOT_IN_TABLES = (b"SELECT", b"INTO", b"OUTFILE", b"DUMPFILE", b"LOAD_FILE", b"DIRECTORY", b"@", b";")
NOT_IN_VIEWS = (b"INTO", b"OUTFILE", b"DUMPFILE", b"LOAD_FILE", b"@", b";")
ADDED = ("CONSTRAINT", "PRIMARY", "UNIQUE", "FULLTEXT", "SPATIAL", "FOREIGN", "KEY", "INDEX")
NOT_ADDED = frozenset(
    b"RENAME ENGINE DIRECTORY CONNECTION UNION TABLESPACE PARTITION CONVERT DROP MODIFY CHANGE EXCHANGE IMPORT DISCARD"
    b" ALTER ORDER SELECT".split()
)


@dataclass(frozen=True)
class Verdict:
    """A statement that may pass. ``kind``: set, use, lock, rows, or the sort of an object with its verb before it, as
    "CREATE TRIGGER"; ``name``: of the object. ``definer``: who defines it, and where in the text that stands.
    ``detail``: a table's engine in capitals, a database's character set and collation."""

    kind: str
    name: str = ""
    definer: tuple[int, int, str] | None = None
    detail: str = ""


def judge_statement(text: bytes, *, database: str, session: Session) -> Verdict:
    """Judge one statement, without its delimiter; a SET is taken into ``session``. Raise Refused."""
    if SET.match(text):
        reason = session.read(text)
        if reason is not None:
            raise Refused(reason, hostile=True)
        return Verdict("set")
    try:
        readings = list_readings(text, escapes=session.escapes, ansi=session.ansi)
    except NotRead as error:
        raise Refused(error.reason, hostile=True) from error
    verdicts = {Statement(tokens, database=database, oracle=b"ORACLE" in session.modes).judge() for tokens in readings}
    if len(verdicts) > 1:
        raise Refused("some servers read another statement in it than others", hostile=True)
    return verdicts.pop()


class Statement:
    """One statement in one reading."""

    def __init__(self, tokens: list[Token], *, database: str, oracle: bool) -> None:
        self.reading = Reading(tokens)
        self.database = database
        self.oracle = oracle
        self.definer: tuple[int, int, str] | None = None

    def judge(self) -> Verdict:
        """Return what it is. Raise Refused."""
        reading = self.reading
        if reading.ended:
            return Verdict("nothing")
        word = reading.word or reading.shown
        judges: dict[str, Callable[[], Verdict]] = {
            "CREATE": self._judge_create, "DROP": self._judge_drop, "ALTER": self._judge_alter, "USE": self._judge_use,
            "LOCK": self._judge_lock, "UNLOCK": self._judge_lock, "COMMIT": self._judge_lock,
            "DO": self._judge_setval, "SELECT": self._judge_setval,
        }  # fmt: skip
        if word in CLIENT_COMMANDS:
            raise Refused(f"it has a command of the client ({word})", hostile=True)
        if word not in judges:
            self._refuse()
        reading.skip()
        return judges[word]()

    def _refuse(self) -> None:
        word = self.reading.tokens[0].raw[:40].decode(errors="replace")
        raise Refused(f"it is a statement that dumps do not hold ({word})", hostile=True)

    def _end(self) -> None:
        """Nothing may follow."""
        if self.reading.is_mark(";"):
            raise Refused("it is several statements at once", hostile=True)
        if not self.reading.ended:
            raise Refused(f"it goes on where it should end ({self.reading.shown})", hostile=True)

    def _take_name(self) -> str:
        """A name of this database's own, perhaps with the database's name before it."""
        first = self.reading.take_name()
        if first is None:
            self._refuse()
        if self.reading.take_mark("."):
            self._check_database(first)
            first = self.reading.take_name()
        return first or ""

    def _check_database(self, name: str | None) -> None:
        if name != self.database:
            raise Refused("it is about another database", hostile=True)

    def _judge_use(self) -> Verdict:
        self._check_database(self.reading.take_name())
        self._end()
        return Verdict("use")

    def _judge_lock(self) -> Verdict:
        if self.reading.tokens[0].text == b"LOCK":
            if not self.reading.take_word("TABLES"):
                self._refuse()
            self._take_name()
            if not self.reading.take_word("WRITE"):
                self._refuse()
        elif self.reading.tokens[0].text == b"UNLOCK" and not self.reading.take_word("TABLES"):
            self._refuse()
        self._end()
        return Verdict("lock")

    def _judge_setval(self) -> Verdict:
        """DO SETVAL(`sequence`, number, number): what a sequence gives next."""
        if not self.reading.take_word("SETVAL") or not self.reading.take_mark("("):
            self._refuse()
        name = self._take_name()
        while self.reading.take_mark(","):
            self.reading.take_mark("-")
            if not re.fullmatch(r"\d+", self.reading.word or ""):
                self._refuse()
            self.reading.skip()
        if not self.reading.take_mark(")"):
            self._refuse()
        self._end()
        return Verdict("SETVAL", name)

    def _judge_drop(self) -> Verdict:
        sort = self.reading.take_any_word(*PROGRAMS, "TABLE", "VIEW", "SEQUENCE")
        if sort is None and self.reading.take_word("LIBRARY"):
            raise Refused("it is a library, which is in another language than SQL")
        if sort is None:
            self._refuse()
        if sort == "PACKAGE":
            self.reading.take_word("BODY")
        self.reading.take_words("IF", "EXISTS")
        name = self._take_name()
        self._end()
        return Verdict(f"DROP {sort}", name)

    def _judge_alter(self) -> Verdict:
        sort = self.reading.take_any_word("TABLE", "DATABASE", "SCHEMA")
        if sort is None:
            self._refuse()
        if sort == "TABLE":
            return self._judge_alter_table()
        self._check_database(self.reading.take_name())
        self._read_database_options()
        return Verdict("ALTER DATABASE", self.database)

    def _read_database_options(self) -> str:
        reading, letters = self.reading, {"SET": "", "CHARSET": "", "COLLATE": ""}
        while not reading.ended:
            reading.take_word("DEFAULT")
            reading.take_word("CHARACTER")
            if word := reading.take_any_word("SET", "CHARSET", "COLLATE"):
                reading.take_mark("=")
                letters[word] = reading.shown.strip("'`\"").lower()
                if not (reading.take_plain() or reading.take_string()):
                    self._refuse()
            elif reading.take_any_word("ENCRYPTION", "COMMENT"):
                reading.take_mark("=")
                if not reading.take_string():
                    self._refuse()
            else:
                self._end()
        return f"{letters['SET'] or letters['CHARSET']} {letters['COLLATE']}".strip()

    def _judge_alter_table(self) -> Verdict:
        reading, name = self.reading, self._take_name()
        if reading.take_words("DISABLE", "KEYS") or reading.take_words("ENABLE", "KEYS"):
            self._end()
            return Verdict("keys", name)
        if not reading.is_word("ADD"):
            self._refuse()
        while reading.take_word("ADD"):
            if not reading.is_word(*ADDED):
                self._refuse()
            while not reading.ended and not reading.is_mark(","):
                if reading.is_mark("("):
                    for token, _ in reading.take_brackets():
                        self._check_word(token, NOT_IN_TABLES)
                    continue
                self._check_word(reading.token, (*NOT_ADDED, *NOT_IN_TABLES))
                reading.skip()
            if reading.take_mark(",") and not reading.is_word("ADD"):
                self._refuse()
        self._end()
        return Verdict("ALTER TABLE", name)

    def _check_word(self, token: Token | None, refused: tuple[bytes, ...]) -> None:
        if token is not None and token.kind in ("word", "mark") and token.text in refused:
            if token.text == b";":
                raise Refused("it is several statements at once", hostile=True)
            raise Refused(f"it has a word that does not belong there ({token.text.decode()})", hostile=True)

    def _judge_create(self) -> Verdict:
        reading = self.reading
        while not reading.is_word(*SORTS):
            if reading.take_words("OR", "REPLACE") or reading.take_word("AGGREGATE"):
                continue
            if reading.take_words("JSON", "RELATIONAL", "DUALITY"):
                continue
            if reading.take_word("ALGORITHM"):
                reading.take_mark("=")
                reading.take_plain()
            elif reading.take_word("DEFINER"):
                self._read_definer()
            elif not (reading.take_words("SQL", "SECURITY") and reading.take_plain()):
                self._refuse()
        sort = reading.take_any_word(*SORTS) or ""
        if sort == "PACKAGE" and reading.take_word("BODY"):
            sort = "PACKAGE BODY"
        reading.take_words("IF", "NOT", "EXISTS")
        if self.definer is not None and sort not in DEFINED:
            self._refuse()
        if sort in ("DATABASE", "SCHEMA"):
            self._check_database(reading.take_name())
            return Verdict("CREATE DATABASE", self.database, detail=self._read_database_options())
        name = self._take_name()
        detail = ""
        if sort == "TABLE":
            detail = self._read_table()
        elif sort == "SEQUENCE":
            read_sequence_options(reading)
            self._end()
        elif sort == "VIEW":
            self._read_view()
        else:
            self._read_program(sort)
        return Verdict(f"CREATE {sort}", name, self.definer, detail)

    def _read_definer(self) -> None:
        """DEFINER = account, in any of its spellings, once."""
        reading = self.reading
        if self.definer is not None or not reading.take_mark("="):
            self._refuse()
        first, name = reading.token, read_account(reading)
        if first is None or name is None:
            self._refuse()
        else:
            self.definer = (first.start, reading.tokens[reading.place - 1].end, name)

    def _read_table(self) -> str:
        if not self.reading.is_mark("("):
            raise Refused("it makes a table of other tables", hostile=True)
        for token, _ in self.reading.take_brackets():
            self._check_word(token, NOT_IN_TABLES)
        return read_table_options(self.reading)

    def _read_view(self) -> None:
        while self.reading.token is not None:
            self._check_word(self.reading.token, NOT_IN_VIEWS)
            self.reading.skip()

    def _read_program(self, sort: str) -> None:
        """A trigger, routine, event or package; its body is one statement."""
        reading = self.reading
        if sort == "FUNCTION" and not self.oracle and not reading.is_mark("("):
            raise Refused("it loads a library into the server", hostile=True)
        if any(token.text == b"SONAME" and token.kind == "word" for token in reading.tokens[reading.place :]):
            raise Refused("it loads a library into the server", hostile=True)
        if self.oracle or sort.startswith("PACKAGE"):
            return  # declarations and a block, separated by semicolons: the server takes one statement
        check_one_statement(reading.tokens, find_body(reading, sort))
