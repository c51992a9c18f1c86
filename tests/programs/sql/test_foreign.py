"""programs.sql.foreign: what stands between two marks of dollars, where MySQL 9 has it, and nowhere else."""

import io
import time

import pytest

from programs.run.failures import ProgramError
from programs.sql.feed import TextFeeder
from programs.sql.foreign import HEAD_BYTES, find_foreign_end
from programs.sql.statements import judge_statements
from programs.sql.text import DumpScanner

HEAD = "CREATE DEFINER=`root`@`localhost` FUNCTION `js`(a INT) RETURNS int\n    LANGUAGE JAVASCRIPT\nAS "
# As mysqldump 9.7.4 writes them, from a server of that version.
ROUTINE = """/*!50003 DROP FUNCTION IF EXISTS `{name}` */;
/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
/*!50003 SET @saved_cs_results     = @@character_set_results */ ;
/*!50003 SET @saved_col_connection = @@collation_connection */ ;
/*!50003 SET character_set_client  = utf8mb4 */ ;
/*!50003 SET character_set_results = utf8mb4 */ ;
/*!50003 SET collation_connection  = utf8mb4_0900_ai_ci */ ;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION' */ ;
DELIMITER ;;
{statement} ;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET character_set_client  = @saved_cs_client */ ;
/*!50003 SET character_set_results = @saved_cs_results */ ;
/*!50003 SET collation_connection  = @saved_col_connection */ ;
"""
LIBRARY = """DROP LIBRARY IF EXISTS `lib`;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION' */ ;
DELIMITER ;;
CREATE LIBRARY `lib`
    LANGUAGE JAVASCRIPT
AS {body} ;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
"""
BODIES = (
    "$$ let x = 'it''s'; return a; $$",
    "$$ // it's\n return a; $$",
    '$$ return "it\'s; `$1`" $$',
    "$js$ /* $$ */ return 'a;;\nDELIMITER ;\n' $js$",
    "$$ return `\n;;\n` $$",
    "$$ " + "x = '\n" * 40_000 + " $$",
)


def make_dump(statements: str) -> bytes:
    mode = "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n"
    mode += "/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;\n"
    mode += "/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;\n/*!50503 SET NAMES utf8mb4 */;\n"
    mode += "/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;\n/*!40103 SET TIME_ZONE='+00:00' */;\n"
    mode += "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n"
    head = "-- Current Database: `civicrm`\n\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `civicrm`;\n\nUSE `civicrm`;\n"
    table = "CREATE TABLE `t` (\n  `i` int DEFAULT NULL\n) ENGINE=InnoDB;\nINSERT INTO `t` VALUES (1),(2);\n"
    end = "/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n\n-- Dump completed on 2026-11-30 22:36:19\n"
    return f"{mode}{head}{table}{statements}{end}".encode()


def scan(dump: bytes) -> DumpScanner:
    scanner = DumpScanner(("civicrm",))
    feeder = TextFeeder(scanner)
    for chunk in (dump, b""):
        for _ in feeder.feed(chunk):
            pass
    return scanner


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_dump_with_such_a_body_is_whole_and_only_that_is_not_understood(body: str) -> None:
    after = ROUTINE.format(name="after", statement="CREATE DEFINER=`a`@`%` FUNCTION `after`() RETURNS int\nRETURN 1")
    dump = make_dump(LIBRARY.format(body=body) + ROUTINE.format(name="js", statement=HEAD + body) + after)
    scanner = scan(dump)
    seen = scanner.seen["civicrm"]
    assert scanner.completed and seen.tables == {"t": 2} and seen.routines == {"FUNCTION js", "FUNCTION after"}
    refusals: list[ProgramError] = []
    judge_statements(io.BytesIO(dump), database="civicrm", refusals=refusals)
    assert {refusal.code for refusal in refusals} == {"sql_not_understood"}
    # What comes after is read.
    assert [refusal.params["object"] for refusal in refusals] == ["", "", "function js"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE PROCEDURE p() SELECT 1 AS $$ FROM t WHERE x = '$$'",
        "CREATE FUNCTION f() RETURNS int LANGUAGE SQL RETURN (SELECT 1 AS $$)",
        "CREATE TRIGGER t BEFORE INSERT ON language FOR EACH ROW SET @x = (SELECT a AS $$ FROM t)",
        "CREATE PROCEDURE p() BEGIN DECLARE language javascript; SELECT 1 AS $$; END",
        "CREATE FUNCTION f() RETURNS int COMMENT 'LANGUAGE JAVASCRIPT AS $$' RETURN 1",
        "CREATE FUNCTION f() RETURNS int RETURN (SELECT language x AS $$)",
        "CREATE PROCEDURE p() UPDATE language l AS $$ SET x = 1",
        "SELECT LANGUAGE JAVASCRIPT AS $$ 1 $$",
        "CREATE FUNCTION f() RETURNS int -- LANGUAGE JAVASCRIPT\nRETURN (SELECT 1 AS $$)",
    ],
)
def test_two_dollars_are_a_name_everywhere_else(statement: str) -> None:
    assert find_foreign_end(statement.encode()) == 0


def test_a_body_that_does_not_end_is_a_dump_that_is_cut() -> None:
    dump = make_dump(ROUTINE.format(name="js", statement=HEAD + "$$ return 1 "))
    assert not scan(dump).completed
    with pytest.raises(ProgramError) as caught:
        judge_statements(io.BytesIO(dump), database="civicrm")
    assert caught.value.code == "hostile_sql"


def test_a_head_is_read_in_one_pass() -> None:
    """However often a hostile one says its words."""
    words = b"CREATE " + b"FUNCTION LANGUAGE JAVASCRIPT AS " * (HEAD_BYTES // 32)
    begun = time.process_time()
    assert find_foreign_end(words + b"$$ x $$") == 0, "longer than any head"
    assert time.process_time() - begun < 5
