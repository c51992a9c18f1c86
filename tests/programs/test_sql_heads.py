"""programs.sql_heads: which statements a dump of one database may hold."""

import pytest

from programs.sql_heads import check_head, make_definer_change, parse_sql_mode

ALLOWED = [
    b"CREATE DATABASE /*!32312 IF NOT EXISTS*/ `civicrm` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;",
    b"USE `civicrm`;",
    b"/*!40101 SET NAMES utf8mb4 */;",
    b"/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */;",
    b"DROP TABLE IF EXISTS `global`;",
    b"CREATE TABLE `a.b;*/` (\n `x` int);",
    b"/*!40000 ALTER TABLE `t` DISABLE KEYS */;",
    b"LOCK TABLES `t` WRITE;",
    b"INSERT INTO `t` VALUES (1,'USE mysql;');",
    b"INSERT  IGNORE INTO `t` VALUES (1);",
    b"/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`%` SQL SECURITY DEFINER */\n"
    b"/*!50001 VIEW `v` AS select * from `civilog`.`t` */;",
    b"/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER `t` BEFORE INSERT ON `x` FOR EACH ROW SET @a=1*/;;",
    b"/*!50106 CREATE*/ /*!50117 DEFINER=`a`@`%`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY DO SET @a=1 */ ;;",
    b'CREATE DEFINER="a"@"%" FUNCTION "f"() RETURNS int RETURN 1;;',
    b"CREATE DEFINER=`a`@`%` AGGREGATE FUNCTION `f`(x int) RETURNS int RETURN 1;;",
    b"/*!50106 DROP EVENT IF EXISTS `e` */;",
    b"ALTER DATABASE `civicrm` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;",
    b"CREATE SEQUENCE `s` start with 1;",
    b"DO SETVAL(`s`, 1, 0);",
    b"SELECT SETVAL(`s`, 1, 0);",
    b"UNLOCK TABLES;",
    b"COMMIT;",
]
REFUSED = [
    b"USE mysql;",
    b"USE `civilog`;",
    b"CREATE DATABASE other;",
    b"DROP DATABASE `civilog`;",
    b"/*!50001 DROP TABLE civilog.t */;",
    b"INSERT INTO drupal.users VALUES (1);",
    b"INSERT INTO `drupal` . `users` VALUES (1);",
    b"CREATE USER x;",
    b"CREATE OR REPLACE USER x;",
    b"ALTER USER x IDENTIFIED BY 'y';",
    b"GRANT ALL ON *.* TO x;",
    b"SET GLOBAL general_log_file='/x';",
    b"/*!40101 SET @@global.general_log = 1 */;",
    b"SET PERSIST x = 1;",
    b"SET PASSWORD = 'x';",
    b"SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '';",
    b"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t;",
    b"SELECT 1 INTO OUTFILE '/tmp/x';",
    b"source /etc/passwd",
    b"SYSTEM ls",
    b"tee /tmp/x",
    b"pager cat",
    b"? contents",
    b"INSTALL PLUGIN x SONAME 'x.so';",
    b"CALL p();",
    b"PREPARE s FROM 'DROP DATABASE x';",
    b"START SLAVE;",
    b"\x00",
    b"",
]


@pytest.mark.parametrize("head", ALLOWED)
def test_statements_of_dumps_pass(head: bytes) -> None:
    assert check_head(head, database="civicrm") is None


@pytest.mark.parametrize("head", REFUSED)
def test_other_statements_are_refused_with_a_reason(head: bytes) -> None:
    assert check_head(head, database="civicrm")


@pytest.mark.parametrize(
    ("head", "definer"),
    [
        (b"CREATE DEFINER=`a``b`@`%` FUNCTION `f`() RETURNS int RETURN 1", "a`b@%"),
        (b'CREATE DEFINER="a"@"local" FUNCTION "f"() RETURNS int RETURN 1', "a@local"),
        (b"/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`h`*/ /*!50003 TRIGGER `t`", "a@h"),
        (b"/*!50001 CREATE ALGORITHM=MERGE */\n/*!50013 DEFINER='a'@'h' SQL SECURITY INVOKER */", "a@h"),
        (b"CREATE DEFINER=a@h PROCEDURE p()", "a@h"),
        (b"CREATE DEFINER=`role` PROCEDURE p()", "role"),
    ],
)
def test_another_definer_is_found_where_it_stands(head: bytes, definer: str) -> None:
    change = make_definer_change(head, account="exploitant@%")
    assert change is not None and change.definer == definer
    changed = head[: change.start] + b"CURRENT_USER" + head[change.end :]
    assert make_definer_change(changed, account="exploitant@%") is None


@pytest.mark.parametrize(
    "head",
    [
        b"CREATE DEFINER=`exploitant`@`%` FUNCTION `f`()",
        b"INSERT INTO t VALUES ('CREATE DEFINER=`a`@`b`')",
        b"CREATE TABLE `DEFINER=``a``@``b``` (x int)",
        b"CREATE DEFINER=CURRENT_USER() FUNCTION f()",
    ],
)
def test_nothing_else_is_changed(head: bytes) -> None:
    assert make_definer_change(head, account="exploitant@%") is None


def test_the_sql_mode_tells_whether_backslashes_escape() -> None:
    assert parse_sql_mode(b"/*!50003 SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES' */ ;") is False
    assert parse_sql_mode(b"/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;") is True
    assert parse_sql_mode(b"/*!50003 SET sql_mode = @saved_sql_mode */ ;") is True
    assert parse_sql_mode(b"SET NAMES utf8mb4;") is None
    assert parse_sql_mode(b"INSERT INTO t VALUES ('sql_mode=''NO_BACKSLASH_ESCAPES''')") is None
