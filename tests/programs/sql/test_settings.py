"""programs.sql.settings: which SET statements pass, and what they make of the reading of the text after them."""

import pytest

from programs.sql.settings import START, Session, list_changes

ALLOWED = [
    b"/*!40101 SET NAMES utf8mb4 */",
    b"SET NAMES 'latin1' COLLATE latin1_swedish_ci",
    b"/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */",
    b"/*!40103 SET TIME_ZONE='+00:00' */",
    b"/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */",
    b"/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */",
    b"/*M!101100 SET @old_system_versioning_insert_history=@@session.system_versioning_insert_history,"
    b" @@session.system_versioning_insert_history=1 */",
    b"/*!80000 SET SESSION information_schema_stats_expiry=0 */",
    b"/*!50003 SET collation_connection  = utf8mb4_0900_ai_ci */",
    b"SET character_set_client = utf8mb4",
    b"SET LOCAL autocommit=0",
    b"SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0",  # mariadb-dump 11.8.9
    b"/*!50003 SET sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION' */",
    b"/*!50106 SET time_zone = 'Europe/Paris' */",
    b"/*!50003 SET character_set_results = NULL */",
]
REFUSED = [
    b"SET GLOBAL max_connections=1",
    b"SET @@global.max_connections=1",
    b"SET @a=';', GLOBAL max_connections=1",
    b"SET @a='\\'', GLOBAL x=1, @b=''",
    b"SET /* ' */ GLOBAL x=1 /* ' */",
    b"SET @a='" + b"x" * 20_000 + b"', GLOBAL x=1",
    b"SET PERSIST x=1",
    b"SET PASSWORD = 'x'",
    b"SET SQL_LOG_BIN=0",
    b"SET ROLE admin",
    b"SET DEFAULT ROLE x FOR y",
    b"SET TRANSACTION READ ONLY",
    b"SET STATEMENT max_statement_time=1 FOR DROP DATABASE civilog",
    b"SET NAMES gbk",
    b"SET NAMES 'sjis'",
    b"SET NAMES DEFAULT",
    b"SET character_set_client = big5",
    b"SET character_set_client = 28",
    b"SET @x='gbk', character_set_client=@x",
    b"SET @x=@@unique_checks, character_set_client=@x",
    b"SET collation_connection=gb18030_chinese_ci",
    b"SET sql_mode=1048576",
    b"SET sql_mode=DEFAULT",
    b"SET sql_mode=@unknown",
    b"SET sql_mode=CONCAT('a','b')",
    b"SET sql_mode=/* */'NO_BACKSLASH_ESCAPES'",
    b"/*!99999 SET sql_mode='NO_BACKSLASH_ESCAPES' */",
    b"/*M!100616 SET NAMES latin1 */",
    b"SET sql_mode='' /*!99999 , sql_mode='NO_BACKSLASH_ESCAPES' */",
    b"/*!40101 SET @a=1 */ DROP DATABASE civilog",
    b"/*!40101 SET @a=1",
    b"SET @a=1 */",
    b"SET @a=1",
    b"SET @a = 'text'",
    b"SET @saved_sql_mode=@@time_zone",
    b"SET @saved_cs_client=@@sql_mode, sql_mode=@saved_cs_client",
    b"SET sql_mode=@saved_sql_mode",
    b"SET @OLD_SQL_MODE='ANSI'",
    b"SET sql_mode='NOBODY_KNOWS'",
    b"SET sql_mode='ANSI' 'X'",
    b"SET sql_mode=''; DROP TABLE t",
    b"SET time_zone='a; DROP TABLE t'",
    b"SET foreign_key_checks=2",
    b"SET max_statement_time=1",
    b"SET NAMES utf8mb4x, GLOBAL x=1",
    b"SET NAMES utf16",
    b"SET @a=(SELECT 1)",
    b"SET @a=1,",
    b"SET",
]


@pytest.mark.parametrize("head", ALLOWED)
def test_settings_of_dumps_pass(head: bytes) -> None:
    assert Session().read(head) is None


@pytest.mark.parametrize("head", REFUSED)
def test_other_settings_are_refused_and_change_nothing(head: bytes) -> None:
    session = Session()
    assert session.read(head)
    assert session == Session()


def test_the_mode_tells_how_strings_are_read() -> None:
    session = Session()
    assert session.escapes and not session.ansi
    assert (
        session.read(b"/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='ANSI_QUOTES,NO_BACKSLASH_ESCAPES' */") is None
    )
    assert not session.escapes and session.ansi
    assert session.read(b"SET @saved_sql_mode=@@sql_mode, sql_mode='ORACLE'") is None
    assert session.escapes and session.ansi
    assert session.read(b"SET sql_mode=@SAVED_SQL_MODE") is None
    assert not session.escapes
    assert session.read(b"SET SESSION sql_mode='', @@session.sql_mode='NO_BACKSLASH_ESCAPES'") is None
    assert not session.escapes
    assert session.read(b"/*!40101 SET SQL_MODE=@OLD_SQL_MODE */") is None
    assert session.escapes and session.values == START


def test_the_server_is_told_the_values_and_never_the_statements() -> None:
    session, present = Session(), dict(START)
    assert list_changes(session.values, present) == b""
    assert list_changes(session.values, {}).startswith(b"SET NAMES utf8mb4, ")
    for statement in (b"SET sql_mode='ANSI'", b"/*M!101100 SET @@session.system_versioning_insert_history=1 */",
                      b"SET NAMES latin1", b"SET note_verbosity=0"):  # fmt: skip
        assert session.read(statement) is None
    told = list_changes(session.values, present)
    assert told.startswith(b"SET NAMES latin1, ") and b"SESSION sql_mode='ANSI'" in told
    assert b"SESSION system_versioning_insert_history=1" in told and b"note_verbosity" not in told
    assert session.read(b"SET collation_connection=latin1_bin") is None
    assert b"SESSION collation_connection=latin1_bin" in list_changes(session.values, present)
