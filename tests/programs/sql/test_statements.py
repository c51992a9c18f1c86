"""programs.sql.statements: a dump is cut into its statements, each judged; nothing else is given on."""

import gzip
import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.run.failures import ProgramError
from programs.sql import statements
from programs.sql.statements import Part, StatementReader, judge_statements

SAMPLES = Path(__file__).parents[1] / "samples"
EXAMPLES = int(os.environ.get("RANDOM_POINTS", "6")) * 40


class Dripping(io.BytesIO):
    """Gives the text in small pieces."""

    def __init__(self, text: bytes, piece: int) -> None:
        super().__init__(text)
        self.piece = piece

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, self.piece))


def read(text: bytes, *, piece: int = 1 << 20, refusals: list[ProgramError] | None = None) -> list[Part]:
    return list(StatementReader(Dripping(text, piece), database="civicrm", refusals=refusals))


def get_texts(text: bytes, *, piece: int = 1 << 20) -> list[bytes]:
    """The whole statements, pieces put together."""
    found, parts = [], b""
    for part in read(text, piece=piece):
        parts += part.text
        if part.last:
            found.append(parts)
            parts = b""
    assert not parts
    return found


DUMP = rb"""-- MariaDB dump
/*!40101 SET NAMES utf8mb4 */;
-- Current Database: `civicrm`
CREATE DATABASE `civicrm`;
USE `civicrm`;
INSERT INTO `t` VALUES (1,'it''s \' \\'),(2,'-- \\! ls /* `x` DEFINER=`a`@`b`;'),(-3,"\"");
INSERT INTO `t` VALUES
(1,'a;'),
(2,'b\n');
DELIMITER ;;
CREATE DEFINER=`x`@`y` FUNCTION `f`() RETURNS int
BEGIN -- don't
  # can't \! ls
  /* it's \! */
  RETURN 1 - 2 / 3 * 4; -- DEFINER=`a`@`b`
END ;;
DELIMITER ;
""".replace(b',(-3,"\\"")', b"")


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1 << 20])
def test_each_statement_comes_alone_and_unchanged_whatever_the_pieces(piece: int) -> None:
    texts = get_texts(DUMP, piece=piece)
    expected = [b"CREATE DATABASE `civicrm`", b"USE `civicrm`"]
    expected += [b"INSERT INTO `t`" + text for text in DUMP.split(b"INSERT INTO `t`")[1:]]
    assert texts[:2] == expected[:2] and texts[2] == expected[2].removesuffix(b";\n")
    assert texts[3] == expected[3].split(b";\nDELIMITER")[0]
    assert texts[4] == DUMP[DUMP.index(b"CREATE DEFINER") : DUMP.index(b" ;;\nDELIMITER ;\n")]
    assert len(texts) == 5


@pytest.mark.parametrize(
    "line", [b"/*M!999999\\- enable the sandbox mode */ \n", b"/*!999999\\- enable the sandbox mode */\n"]
)
def test_the_line_that_only_one_vendor_knows_is_left_out(line: bytes) -> None:
    assert get_texts(line + DUMP) == get_texts(DUMP)


def test_what_stands_between_statements_stays_behind() -> None:
    text = b"/* 1\n2 */-- x\nDELIMITER ;;\n# ;;\nCREATE TABLE t (i /* y\n */ int);;\n/* 1 */DELIMITER ;\n"
    assert [(part.text, part.line) for part in read(text)] == [(b"CREATE TABLE t (i /* y\n */ int)", 5)]


def test_long_rows_come_in_pieces_and_a_semicolon_at_the_end_of_a_line_may_be_data() -> None:
    for value in (b"a\\'b;--" * 800_000, b"x;\ny" * 3):
        text = b"INSERT INTO `t` VALUES ('" + value + b"');\nCOMMIT;\n"
        assert get_texts(text) == [text.removesuffix(b";\nCOMMIT;\n"), b"COMMIT"]
    blob = b"INSERT INTO `t` VALUES (1,0x" + b"0A" * (5 << 20) + b",NULL)"
    assert len(read(blob + b";\n")) > 1 and get_texts(blob + b";\n") == [blob]


def test_settings_are_told_and_never_given_on() -> None:
    text = b"SET sql_mode='NO_BACKSLASH_ESCAPES';\nCREATE FUNCTION f() RETURNS text RETURN 'a\\';\n"
    (part,) = read(text)
    assert part.values[b"sql_mode"] == b"'NO_BACKSLASH_ESCAPES'" and part.text.endswith(b"'a\\'")


def test_names_in_double_quotes_and_text_for_some_versions_pass() -> None:
    text = (
        b"/*!50003 SET @saved_sql_mode = @@sql_mode */ ;\n/*!50003 SET sql_mode = 'ANSI_QUOTES' */ ;\nDELIMITER ;;\n"
        b'/*!50003 CREATE*/ /*!50003 TRIGGER "a""b" BEFORE INSERT ON "x" FOR EACH ROW BEGIN SET NEW."y"=1; END */;;\n'
        b"DELIMITER ;\n/*!50003 SET sql_mode = @saved_sql_mode */ ;\n"
        b'CREATE TABLE `t` (`i` int /*!80023 INVISIBLE */ /*!80016 COMMENT \'it\' */, `j` text DEFAULT "\\"");\n'
    )
    assert [part.verdict.name for part in read(text)] == ['a"b', "t"]


def test_sections_tell_the_final_views_apart() -> None:
    text = b"COMMIT;\n-- Current Database: `civicrm`\nUSE civicrm;\n-- Current Database: `civicrm`\nUSE civicrm;\n"
    assert [part.section for part in read(text)] == [0, 1, 2]


HOSTILE = [
    b"\\! ls\n",
    b"CREATE TABLE t (i int) \\! ls\n;",
    b"INSERT INTO t VALUES ('a'); \\! ls\n",
    b"INSERT INTO t VALUES ('a\\'') \\! ls\n",
    b"-- Current Database: `civilog`\nCREATE TABLE t (i int);",
    b"DELIMITER $$\nCREATE TABLE t (i int)$$",
    b"INSERT INTO t VALUES ('a",
    b"INSERT INTO `t` VALUES ('a",
    b"CREATE TABLE t (i int)",
    b"/* no end",
    b"SELECT 1;",
    b"/*!999999\\- enable the sandbox mode */ ;\n/*!999999\\- enable the sandbox mode */\n",
    b"INSERT INTO `t` VALUES (/*!999999 ' */ 1); DROP DATABASE civilog; -- ' );\n",
    b"INSERT INTO `t` VALUES (/*!80000 ' */ 1); DROP DATABASE civilog; -- ' );\n",
    b"INSERT INTO `t` VALUES (/*+ ' */ 1); DROP DATABASE civilog; -- ' );\n",
    b"INSERT INTO `t` VALUES (/*!50003 1 /*!80000 ' */ */); DROP DATABASE civilog; -- ' );\n",
    b"INSERT INTO `t` VALUES (1 --\x01 '\n ); DROP DATABASE civilog; -- ' \n);\n",
    b"INSERT INTO `t` VALUES (@x:='NO_BACKSLASH_ESCAPES');\nSET sql_mode=@x;\n",
    b"SET @saved_sql_mode=@@sql_mode;\nINSERT INTO `t` VALUES (@saved_sql_mode:='ANSI');\n",
    b"SET NAMES gbk;\nINSERT INTO `t` VALUES ('\xbf\\'); DROP DATABASE civilog; -- ');\n",
    b'SET sql_mode=\'ANSI_QUOTES\';\nCREATE TABLE x (`a` int, "b\\" int); DROP DATABASE civilog; -- "c" int);\n',
    b"DELIMITER ;;\nCREATE TABLE t (i int); DROP DATABASE civilog;;\n",
    b"DELIMITER ;;\nCREATE TRIGGER t AFTER INSERT ON x FOR EACH ROW SET @a=1; DROP DATABASE civilog;;\n",
    b"DELIMITER ;;\nCREATE PROCEDURE p() BEGIN SELECT 1; END; DROP DATABASE civilog;;\n",
    b"DELIMITER ;;\nCREATE PROCEDURE p() x: REPEAT SELECT 1; UNTIL 1 END REPEAT x; SET PASSWORD='x';;\n",
    b"DELIMITER ;;\nCREATE PROCEDURE p() SELECT @begin; DROP DATABASE civilog;;\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_dump_of_this_database_is_refused(text: bytes) -> None:
    with pytest.raises(ProgramError) as caught:
        read(text)
    assert caught.value.code == "hostile_sql"


def test_a_backup_is_told_every_refusal_and_reads_on() -> None:
    rows = b"INSERT INTO `u` VALUES (UUID()),('" + b"x" * (5 << 20) + b"');\n"
    odd = b"CREATE TABLE `v` (i int) NEWS=1;\n"
    refusals: list[ProgramError] = []
    parts = read(b"COMMIT;\n" + rows + odd + b"UNLOCK TABLES;\n", refusals=refusals)
    assert [part.text for part in parts] == [b"COMMIT", b"UNLOCK TABLES"]
    assert [(error.code, error.params["object"]) for error in refusals] == [
        ("hostile_sql", "table u"),
        ("sql_not_understood", "table v"),
    ]
    assert [error.params["line"] for error in refusals] == [2, 3]


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 50))
def test_a_string_may_hold_anything(data: bytes, piece: int) -> None:
    escaped = data.replace(b"\\", b"\\\\").replace(b"'", b"\\'")
    text = b"INSERT INTO `t` VALUES ('" + escaped + b"')"
    assert get_texts(text + b";\nUNLOCK TABLES;\n", piece=piece) == [text, b"UNLOCK TABLES"]


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_bytes_pass_or_are_refused_the_same_in_all_pieces(data: bytes, piece: int) -> None:
    def outcome(size: int) -> object:
        try:
            return get_texts(b"CREATE TABLE t (" + data, piece=size)
        except ProgramError as error:
            return error.code

    assert outcome(piece) == outcome(1 << 20)


pieces_of_sql = st.lists(
    st.sampled_from([b"'", b"\\", b"\\'", b"''", b";", b";\n", b"--", b"-- ", b"-", b"#", b"/*", b"*/", b"/", b"`",
                     b'"', b"(1),", b"a\n", b"(", b")", b",", b"0x1F", b"NULL", b"_binary ", b"1e5", b"'x'"]),
    max_size=25,
).map(b"".join)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(pieces_of_sql, st.integers(1, 50))
def test_rows_in_pieces_are_judged_as_whole_ones(text: bytes, piece: int) -> None:
    def outcome(piece_bytes: int) -> object:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(statements, "PIECE_BYTES", piece_bytes)
            patch.setattr(statements, "CHUNK_BYTES", min(piece_bytes, 1 << 20))
            patch.setattr(statements, "LOOKAHEAD_BYTES", 64)
            try:
                return get_texts(b"INSERT INTO `t` VALUES (1)," + text + b";\nUNLOCK TABLES;\n", piece=piece)
            except ProgramError as error:
                return error.code

    assert outcome(70) == outcome(1 << 40)


@pytest.mark.parametrize("name", ["mysql-8.0", "mysql-9.7"])
@pytest.mark.parametrize("piece", [911, 1 << 20])
def test_dumps_of_mysql_pass_and_their_definers_are_found(name: str, piece: int) -> None:
    plain = gzip.decompress((SAMPLES / name / "civicrm.sql.gz").read_bytes())
    parts = read(plain, piece=piece)
    definers = [part.verdict.definer[2] for part in parts if part.verdict.definer]
    assert definers == ["webmaster@%"] * plain.count(b"DEFINER=`webmaster`@`%`") and len(definers) == 17
    for part in parts:
        if part.verdict.definer:
            assert part.text[slice(*part.verdict.definer[:2])] == b"`webmaster`@`%`"


def test_the_longest_statement_is_measured() -> None:
    statement = b"INSERT INTO `t` VALUES ('" + b"x\\';" * 5000 + b"')"
    reader = judge_statements(io.BytesIO(b"UNLOCK TABLES;\n" + statement + b";\nCOMMIT;\n"), database="civicrm")
    assert reader.longest == len(statement)
