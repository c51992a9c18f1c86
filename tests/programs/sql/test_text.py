"""programs.sql.text: structure is found, data never taken for it, rows counted exactly."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.run.failures import ProgramError
from programs.sql.quotes import RowCounter
from programs.sql.text import DumpScanner, is_neutral

HEADER = b"-- MySQL dump 10.13\n/*!40103 SET TIME_ZONE='+00:00' */;\n"
TRAILER = b"/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n\n-- Dump completed on 2026-11-21  8:10:07\n"
MARK = b"--\n-- Current Database: `civicrm`\n--\n"
# As mysqldump 8.0 writes it: all rows of a statement on one line.
MYSQL = (
    HEADER
    + MARK
    + b"CREATE TABLE `t``(` (\n  `a` text\n) ENGINE=InnoDB;\n"
    + b"INSERT INTO `t``(` (`a`, `b),(`) VALUES (1,'a),(\\'b',_binary 'x\\\\'),(2,NULL,0xFF),(3,'it''s (',b'0');\n"
    + b"INSERT INTO `t``(` VALUES (4,'');\n"
    + b"/*!50032 DROP TRIGGER IF EXISTS `tr` */;\nDELIMITER ;;\n"
    + b"/*!50003 CREATE*/ /*!50003 TRIGGER `tr` BEGIN SET @a='\nDELIMITER ;\n-- Current Database: `x`\n'; END */;;\n"
    + b"DELIMITER ;\n"
    + b"/*!50001 VIEW `v` AS select 1 */;\n"
    + TRAILER
)


def scan(data: bytes, *, piece_bytes: int = 1 << 20, databases: tuple[str, ...] = ("civicrm",)) -> DumpScanner:
    scanner = DumpScanner(databases)
    for line in data.splitlines(keepends=True):
        for start in range(0, len(line), piece_bytes):
            scanner.feed(line[start : start + piece_bytes])
    return scanner


def make_value(text: str) -> bytes:
    escaped = text.encode(errors="surrogatepass")
    for old, new in ((b"\\", b"\\\\"), (b"'", b"\\'"), (b"\n", b"\\n"), (b"\0", b"\\0")):
        escaped = escaped.replace(old, new)
    return b"'" + escaped + b"'"


texts = st.text(alphabet="'\\(),;\n\"`abé", max_size=12)
rows_lists = st.lists(st.lists(texts, min_size=1, max_size=3), min_size=1, max_size=6)


def make_rows(rows: list[list[str]]) -> list[bytes]:
    return [b"(" + b",".join(make_value(text) for text in row) + b")" for row in rows]


@given(rows=rows_lists, piece=st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_rows_are_counted_whatever_they_hold_and_wherever_they_are_cut(rows: list[list[str]], piece: int) -> None:
    statement = b",".join(make_rows(rows)) + b";\n"
    counter = RowCounter()
    for start in range(0, len(statement), piece):
        counter.feed(statement[start : start + piece])
    assert counter.rows == len(rows)


@given(rows=rows_lists, piece=st.integers(60, 200), style=st.sampled_from([b",", b",\n"]))
@settings(max_examples=200, deadline=None)
def test_both_vendors_ways_of_writing_rows_are_read(rows: list[list[str]], piece: int, style: bytes) -> None:
    start = b"VALUES " if style == b"," else b"VALUES\n"
    insert = b"INSERT INTO `t` " + start + style.join(make_rows(rows)) + b";\n"
    data = HEADER + MARK + b"CREATE TABLE `t` (\n);\n" + insert + b"CREATE TABLE `u` (\n);\n" + TRAILER
    scanner = scan(data, piece_bytes=piece)
    assert scanner.seen["civicrm"].tables == {"t": len(rows), "u": 0}
    assert scanner.completed


@pytest.mark.parametrize("piece_bytes", [1 << 20, 120])
def test_a_dump_of_mysql_is_read(piece_bytes: int) -> None:
    scanner = scan(MYSQL, piece_bytes=piece_bytes)
    seen = scanner.seen["civicrm"]
    assert seen.tables == {"t`(": 4}
    assert (seen.triggers, seen.views) == ({"tr"}, {"v"})
    assert scanner.completed


def test_a_dump_cut_anywhere_is_not_complete() -> None:
    for end in range(len(MYSQL) - 1):
        try:
            scanner = scan(MYSQL[:end])
        except ProgramError as error:
            assert error.code == "dump_malformed"
        else:
            assert not scanner.completed


@pytest.mark.parametrize(
    "data",
    [
        MYSQL.replace(b"Database: `civicrm`", b"Database: `other`"),
        MYSQL + b"DROP DATABASE civicrm;\n",
        MYSQL + MARK,
        MYSQL.replace(MARK, b""),
        MYSQL.replace(b"CREATE TABLE `t``(`", b"CREATE TABLE `u`"),
        MYSQL.replace(TRAILER, b"CREATE TABLE `t``(` (\n);\n" + TRAILER),
    ],
    ids=["other", "after", "again", "nowhere", "unknown", "twice"],
)
def test_what_no_dump_holds_is_refused(data: bytes) -> None:
    with pytest.raises(ProgramError) as caught:
        scan(data)
    assert caught.value.code == "dump_malformed"


@pytest.mark.parametrize(
    ("text", "neutral"),
    [
        (b"SELECT 1", True),
        (b"SELECT 'a", False),
        (b"SELECT 'it\\'s", False),
        (b"SELECT 'it''s'", True),
        (b"/* open", False),
        (b"/* ' */ SELECT 1", True),
        (b"-- it's\n", True),
        (b"--it's", False),
        (b"# it's\n x", True),
        (b"/*!50003 CREATE */ '", False),
        (b"\"a' ` /*\" `x'` ", True),
    ],
)
def test_strings_and_comments_are_followed_as_the_client_does(text: bytes, *, neutral: bool) -> None:
    assert is_neutral(text, backslash_escapes=True) is neutral


def test_a_backslash_is_a_letter_when_the_mode_says_so() -> None:
    assert is_neutral(b"'a\\'", backslash_escapes=False)
    assert not is_neutral(b"'a\\'", backslash_escapes=True)


def test_every_event_of_a_database_is_seen() -> None:
    # As mariadb-dump 10.11 writes it: from the second on, an event is dropped inside the DELIMITER block.
    head = b"/*!50106 DROP EVENT IF EXISTS `e0` */;\nDELIMITER ;;\n/*!50106 CREATE*/ /*!50106 EVENT `e0` DO SET @a='\n"
    fake = b"/*!50106 DROP EVENT IF EXISTS `fake` */;;\nCREATE\n' */ ;;\n"
    second = b"/*!50106 DROP EVENT IF EXISTS `e``\n1` */;;\nDELIMITER ;;\n"
    second += b"/*!50106 CREATE*/ /*!50106 EVENT `e``\n1` */ ;;\n"
    missing = b"/*!50106 DROP EVENT IF EXISTS `e2` */;;\nDELIMITER ;;\n"
    dump = HEADER + MARK + head + fake + second + missing + b"DELIMITER ;\n" + TRAILER
    assert scan(dump).seen["civicrm"].events == {"e0", "e`\n1"}


def test_a_trigger_of_mysql_is_known_by_its_own_statement() -> None:
    # mysqldump 9.7 with --add-drop-trigger: no quotes around the name.
    text = b"/*!50032 DROP TRIGGER IF EXISTS o`dd name */;\nDELIMITER ;;\n"
    text += b"/*!50003 CREATE*/ /*!50017 DEFINER=`a``b`@`%`*/ /*!50003 TRIGGER `o``dd name` AFTER UPDATE ON `t` */;;\n"
    scanner = scan(HEADER + MARK + text + b"DELIMITER ;\n" + TRAILER)
    assert scanner.completed and scanner.seen["civicrm"].triggers == {"o`dd name"}


def test_rows_that_do_not_end_are_refused() -> None:
    # mysqldump 8.0 to 9.7, of a table that has only generated columns
    with pytest.raises(ProgramError) as caught:
        scan(HEADER + MARK + b"CREATE TABLE `g` (\n);\nINSERT INTO `g` () VALUES ),));\n" + TRAILER)
    assert caught.value.code == "dump_malformed" and "rows of table g" in caught.value.message
