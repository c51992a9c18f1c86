"""programs.sql.filter: a dump passes unchanged but for definers; nothing else passes."""

import gzip
import io
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.run.failures import ProgramError
from programs.sql import filter as sql_filter
from programs.sql.filter import SqlFilter

SAMPLES = Path(__file__).parents[1] / "samples"
EXAMPLES = int(os.environ.get("RANDOM_POINTS", "6")) * 40


def pass_through(text: bytes, *, piece: int = 1 << 20) -> tuple[bytes, set[str]]:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, piece))

    lines = SqlFilter(Dripping(text), database="civicrm", account="exploitant@%")
    return b"".join(part for _, part in lines), lines.definers


def drop_comments(text: bytes) -> bytes:
    """The text without its lines of comment (in these dumps no other line begins so)."""
    return re.sub(rb"^--(?: .*)?$", b"", text, flags=re.M)


DUMP = rb"""-- MariaDB dump
/*!40101 SET NAMES utf8mb4 */;
-- Current Database: `civicrm`
CREATE DATABASE `civicrm`;
USE `civicrm`;
INSERT INTO `t` VALUES (1,'it''s \' \\'),(2,'-- \\! ls /* `x` DEFINER=`a`@`b`;'),(-3,"\"");
DELIMITER ;;
CREATE DEFINER=`x`@`y` FUNCTION `f`() RETURNS int
BEGIN -- don't
  # can't \! ls
  /* it's \! */
  RETURN 1 - 2 / 3 * 4; -- DEFINER=`a`@`b`
END ;;
DELIMITER ;
"""


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1 << 20])
def test_only_the_definer_changes_whatever_the_pieces(piece: int) -> None:
    changed, definers = pass_through(DUMP, piece=piece)
    assert changed == drop_comments(DUMP).replace(b"DEFINER=`x`@`y`", b"DEFINER=CURRENT_USER")
    assert definers == {"x@y"}


@pytest.mark.parametrize(
    "line", [b"/*M!999999\\- enable the sandbox mode */ \n", b"/*!999999\\- enable the sandbox mode */\n"]
)
def test_the_line_that_only_one_vendor_knows_is_left_out(line: bytes) -> None:
    assert pass_through(line + DUMP) == pass_through(DUMP)


def test_comments_between_statements_stay_behind_and_lines_keep_their_numbers() -> None:
    text = b"/* 1\n2 */-- x\nDELIMITER ;;\n# ;;\nCREATE TABLE t (i /* y\n */ int);;\n/* 1 */DELIMITER ;\n"
    assert pass_through(text)[0] == b"\n\nDELIMITER ;;\n\nCREATE TABLE t (i /* y\n */ int);;\nDELIMITER ;\n"


def test_strings_longer_than_a_piece_pass() -> None:
    text = b"INSERT INTO `t` VALUES ('" + b"a\\'b;--" * 400_000 + b"');\n"
    assert pass_through(text)[0] == text


def test_a_routine_without_backslash_escapes_passes() -> None:
    text = b"SET sql_mode='NO_BACKSLASH_ESCAPES';\nCREATE FUNCTION f() RETURNS text RETURN 'a\\';\nUNLOCK TABLES;\n"
    assert pass_through(text)[0] == text


def test_names_in_double_quotes_and_text_for_some_versions_pass() -> None:
    text = (
        b"/*!50003 SET @saved_sql_mode = @@sql_mode */ ;\n/*!50003 SET sql_mode = 'ANSI_QUOTES' */ ;\nDELIMITER ;;\n"
        b'/*!50003 CREATE*/ /*!50003 TRIGGER "a""b" BEFORE INSERT ON "x" FOR EACH ROW BEGIN SET NEW."y"=1; END */;;\n'
        b"DELIMITER ;\n/*!50003 SET sql_mode = @saved_sql_mode */ ;\n"
        b'CREATE TABLE `t` (`i` int /*!80023 INVISIBLE */ /*!80016 COMMENT \'it\' */, `j` text DEFAULT "\\"");\n'
    )
    assert pass_through(text)[0] == text


def test_sections_tell_the_final_views_apart() -> None:
    text = b"SET @a=1;\n-- Current Database: `civicrm`\nUSE civicrm;\n-- Current Database: `civicrm`\nUSE civicrm;\n"
    sections = list(SqlFilter(io.BytesIO(text), database="civicrm", account="a@b"))
    assert b"".join(part for number, part in sections if number == 0) == b"SET @a=1;\n"
    assert b"".join(part for number, part in sections if number == 2).endswith(b"USE civicrm;\n")


@pytest.mark.parametrize(
    "text",
    [
        b"\\! ls\n",
        b"CREATE TABLE t (i int) \\! ls\n;",
        b"INSERT INTO t VALUES ('a'); \\! ls\n",
        b"INSERT INTO t VALUES ('a\\'') \\! ls\n",
        b"-- Current Database: `civilog`\nCREATE TABLE t (i int);",
        b"DELIMITER $$\nCREATE TABLE t (i int)$$",
        b"INSERT INTO t VALUES ('a",
        b"CREATE TABLE t (i int)",
        b"/* no end",
        b"SELECT 1;",
        b"/*!999999\\- enable the sandbox mode */ ;\n/*!999999\\- enable the sandbox mode */\n",
        b"INSERT INTO `t` VALUES (/*!999999 ' */ 1); DROP DATABASE civilog; -- ' );\n",
        b"INSERT INTO `t` VALUES (/*!80000 ' */ 1); DROP DATABASE civilog; -- ' );\n",
        b"INSERT INTO `t` VALUES (/*+ ' */ 1); DROP DATABASE civilog; -- ' );\n",
        b"INSERT INTO `t` VALUES (/*!50003 1 /*!80000 ' */ */); DROP DATABASE civilog; -- ' );\n",
        b"INSERT INTO `t` VALUES (1 --\x01 '\n ); DROP DATABASE civilog; -- ' \n);\n",
        b"SET NAMES gbk;\nINSERT INTO `t` VALUES ('\xbf\\'); DROP DATABASE civilog; -- ');\n",
        b'SET sql_mode=\'ANSI_QUOTES\';\nCREATE TABLE x (`a` int, "b\\" int); DROP DATABASE civilog; -- "c" int);\n',
        b"DELIMITER ;;\nSET @a=1; DROP DATABASE civilog;;\n",
        b"DELIMITER ;;\nCREATE TABLE t (i int); DROP DATABASE civilog;;\n",
        b"DELIMITER ;;\nCREATE TRIGGER t AFTER INSERT ON x FOR EACH ROW SET @a=1; DROP DATABASE civilog;;\n",
    ],
)
def test_what_is_no_dump_of_this_database_is_refused(text: bytes) -> None:
    with pytest.raises(ProgramError) as caught:
        pass_through(text)
    assert caught.value.code == "hostile_sql"


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 50))
def test_a_string_may_hold_anything(data: bytes, piece: int) -> None:
    escaped = data.replace(b"\\", b"\\\\").replace(b"'", b"\\'")
    text = b"INSERT INTO `t` VALUES ('" + escaped + b"');\nUNLOCK TABLES;\n"
    assert pass_through(text, piece=piece)[0] == text


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_bytes_pass_or_are_refused_the_same_in_all_pieces(data: bytes, piece: int) -> None:
    def outcome(size: int) -> object:
        try:
            return pass_through(b"CREATE TABLE t (" + data, piece=size)
        except ProgramError as error:
            return error.code

    assert outcome(piece) == outcome(1 << 20)


pieces_of_sql = st.lists(
    st.sampled_from(
        [
            b"'",
            b"\\",
            b"\\'",
            b"''",
            b";",
            b";\n",
            b"--",
            b"-- ",
            b"-",
            b"#",
            b"/*",
            b"*/",
            b"/",
            b"`",
            b'"',
            b"(1),",
            b"a\n",
        ]
    ),
    max_size=25,
).map(b"".join)


@settings(max_examples=EXAMPLES, deadline=None)
@given(pieces_of_sql, st.integers(1, 50))
def test_long_stretches_are_judged_as_letter_by_letter(text: bytes, piece: int) -> None:
    def outcome(stretch_bytes: int) -> object:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sql_filter, "STRETCH_BYTES", stretch_bytes)
            try:
                return pass_through(b"INSERT INTO `t` VALUES (1)," + text + b";\nUNLOCK TABLES;\n", piece=piece)
            except ProgramError as error:
                return error.code

    assert outcome(1) == outcome(1 << 40)


@pytest.mark.parametrize("name", ["mysql-8.0", "mysql-9.7"])
@pytest.mark.parametrize("piece", [911, 1 << 20])
def test_dumps_of_mysql_pass_and_only_their_definers_change(name: str, piece: int) -> None:
    plain = gzip.decompress((SAMPLES / name / "civicrm.sql.gz").read_bytes())
    changed, definers = pass_through(plain, piece=piece)
    assert definers == {"webmaster@%"} and plain.count(b"DEFINER=`webmaster`@`%`") == 17
    assert drop_comments(changed) == drop_comments(plain).replace(b"DEFINER=`webmaster`@`%`", b"DEFINER=CURRENT_USER")


def test_the_longest_statement_is_measured() -> None:
    statement = b"INSERT INTO `t` VALUES ('" + b"x\\';" * 5000 + b"')"
    lines = SqlFilter(io.BytesIO(b"UNLOCK TABLES;\n" + statement + b";\nCOMMIT;\n"), database="civicrm", account="a@b")
    assert len(list(lines)) > 3 and lines.longest_statement == len(statement)
