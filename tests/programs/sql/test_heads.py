"""programs.sql.heads: which statements a dump of one database may hold."""

import pytest

from programs.sql.heads import check_head, is_compound, make_definer_change
from programs.sql.settings import Session

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
    b"SET STATEMENT max_statement_time=9 FOR DROP DATABASE civilog;",
    b"INSERT INTO `t` SELECT * FROM drupal.users;",
    b"REPLACE INTO `t` VALUES (1);",
    b"SELECT SETVAL(`s`, 1, 0), SLEEP(1000);",
    b"LOCK TABLES `t` WRITE, drupal.users WRITE;",
    b"DROP TABLE `t`, drupal.users;",
    b"CREATE TABLE t AS SELECT * FROM drupal.users;",
    b"CREATE TABLE t LIKE drupal.users;",
    b"ALTER TABLE t RENAME TO drupal.users;",
    b"ALTER TABLE t ADD INDEX (a), RENAME TO drupal.users;",
    b"ALTER EVENT e RENAME TO drupal.e;",
    b"CREATE FUNCTION f RETURNS STRING SONAME 'x.so';",
    b"/*!99999 CREATE TABLE t ( */ GRANT ALL ON *.* TO x;",
    b"/*!80000 DROP TABLE t */ DROP DATABASE civilog;",
    b"/*M!100101 DROP TABLE t */;",
    b"\x00",
    b"",
]


@pytest.mark.parametrize("head", ALLOWED)
def test_statements_of_dumps_pass(head: bytes) -> None:
    assert check_head(head, database="civicrm", session=Session()) is None


@pytest.mark.parametrize("head", REFUSED)
def test_other_statements_are_refused_with_a_reason(head: bytes) -> None:
    assert check_head(head, database="civicrm", session=Session())


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


def test_semicolons_stand_in_programs_with_a_block_only() -> None:
    trigger = b"/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER `t` BEFORE INSERT ON `x` FOR EACH ROW "
    assert is_compound(trigger + b"BEGIN SET @a=1; END */;;", oracle=False)
    assert is_compound(trigger + b"IF NEW.a THEN SET @a=1; END IF */;;", oracle=False)
    assert not is_compound(trigger + b"SET @a=1; BEGIN NOT ATOMIC DROP TABLE x; END */;;", oracle=False)
    assert not is_compound(trigger + b"SET @a=' BEGIN '; /* BEGIN */ DROP TABLE x */;;", oracle=False)
    assert is_compound(b"CREATE PROCEDURE p AS x int; BEGIN NULL; END ;;", oracle=True)
    assert not is_compound(b"CREATE TABLE t (`BEGIN` int); DROP TABLE x;;", oracle=False)
    assert not is_compound(b"SET @a=1; BEGIN;;", oracle=False)
