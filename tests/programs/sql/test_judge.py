"""programs.sql.judge: which statements a dump of one database may hold, and who defines what they make."""

import pytest

from programs.sql.judge import Verdict, judge_statement
from programs.sql.reading import Refused
from programs.sql.settings import Session

ALLOWED = [
    b"CREATE DATABASE /*!32312 IF NOT EXISTS*/ `civicrm` /*!40100 DEFAULT CHARACTER SET utf8mb4 */",
    b"USE `civicrm`",
    b"/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */",
    b"DROP TABLE IF EXISTS `global`",
    b"CREATE TABLE `a.b;*/` (\n `x` int)",
    b"/*!40000 ALTER TABLE `t` DISABLE KEYS */",
    b"LOCK TABLES `t` WRITE",
    b"/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`%` SQL SECURITY DEFINER */\n"
    b"/*!50001 VIEW `v` AS select * from `civilog`.`t` */",
    b"/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER `t` BEFORE INSERT ON `x` FOR EACH ROW SET @a=1*/",
    b"/*!50106 CREATE*/ /*!50117 DEFINER=`a`@`%`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY DO SET @a=1 */",
    b"CREATE DEFINER=`a`@`%` FUNCTION `f`() RETURNS int RETURN 1",
    b"CREATE DEFINER=`a`@`%` AGGREGATE FUNCTION `f`(x int) RETURNS int RETURN 1",
    b"/*!50106 DROP EVENT IF EXISTS `e` */",
    b"ALTER DATABASE `civicrm` CHARACTER SET latin1 COLLATE latin1_swedish_ci ",
    b"CREATE SEQUENCE `s` start with 1",
    b"DO SETVAL(`s`, 1, 0)",
    b"SELECT SETVAL(`s`, 1, 0)",
    b"UNLOCK TABLES",
    b"COMMIT",
    b"CREATE OR REPLACE SEQUENCE `s` start with -5 minvalue -9 increment by 1 cache 1000 nocycle ENGINE=InnoDB",
    b"ALTER TABLE `t` ADD CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `u` (`b`) ON DELETE CASCADE",
    b"ALTER TABLE `t` ADD KEY `k` (`a`(10)), ADD FULLTEXT KEY `f` (`b`)",
    b"CREATE /* who */ DEFINER /* is */ = `a` @ `b` PROCEDURE `p`() SELECT 1",
    b"CREATE DATABASE `civicrm` /*!40100 DEFAULT CHARACTER SET utf8mb4 */ /*!80016 DEFAULT ENCRYPTION='N' */",
]
REFUSED = [
    b"USE mysql",
    b"USE `civilog`",
    b"CREATE DATABASE other",
    b"DROP DATABASE `civilog`",
    b"/*!50001 DROP TABLE civilog.t */",
    b"INSERT INTO drupal.users VALUES (1)",
    b"INSERT INTO `drupal` . `users` VALUES (1)",
    b"CREATE USER x",
    b"CREATE OR REPLACE USER x",
    b"ALTER USER x IDENTIFIED BY 'y'",
    b"GRANT ALL ON *.* TO x",
    b"SET GLOBAL general_log_file='/x'",
    b"/*!40101 SET @@global.general_log = 1 */",
    b"SET PERSIST x = 1",
    b"SET PASSWORD = 'x'",
    b"SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ ''",
    b"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t",
    b"SELECT 1 INTO OUTFILE '/tmp/x'",
    b"source /etc/passwd",
    b"SYSTEM ls",
    b"tee /tmp/x",
    b"pager cat",
    b"? contents",
    b"INSTALL PLUGIN x SONAME 'x.so'",
    b"CALL p()",
    b"PREPARE s FROM 'DROP DATABASE x'",
    b"START SLAVE",
    b"SET STATEMENT max_statement_time=9 FOR DROP DATABASE civilog",
    b"INSERT INTO `t` SELECT * FROM drupal.users",
    b"REPLACE INTO `t` VALUES (1)",
    b"SELECT SETVAL(`s`, 1, 0), SLEEP(1000)",
    b"LOCK TABLES `t` WRITE, drupal.users WRITE",
    b"DROP TABLE `t`, drupal.users",
    b"CREATE TABLE t AS SELECT * FROM drupal.users",
    b"CREATE TABLE t LIKE drupal.users",
    b"ALTER TABLE t RENAME TO drupal.users",
    b"ALTER TABLE t ADD INDEX (a), RENAME TO drupal.users",
    b"ALTER EVENT e RENAME TO drupal.e",
    b"CREATE FUNCTION f RETURNS STRING SONAME 'x.so'",
    b"/*!99999 CREATE TABLE t ( */ GRANT ALL ON *.* TO x",
    b"/*!80000 DROP TABLE t */ DROP DATABASE civilog",
    b"/*M!100101 DROP TABLE t */",
    b"\x00",
    b"",
    b"ALTER TABLE t ADD COLUMN x int",
    b"ALTER TABLE t DATA DIRECTORY='/x'",
    b"ALTER TABLE t ADD KEY (a), DATA DIRECTORY='/x'",
    b"ALTER TABLE t ADD KEY (a) DATA DIRECTORY='/x'",
    b"ALTER TABLE t ENGINE=FEDERATED CONNECTION='x'",
    b"ALTER TABLE t DISCARD TABLESPACE",
    b"CREATE TABLESPACE x ADD DATAFILE 'x'",
    b"CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')",
    b"CREATE TABLE t (i int) /*!50701 */ /*!99999 DATA DIRECTORY='/x' */",
    b"CREATE TABLE t (i int DEFAULT (load_file('/etc/passwd')))",
    b"CREATE VIEW v AS SELECT load_file('/etc/passwd')",
    b"CREATE VIEW v AS SELECT 1 INTO OUTFILE '/x'",
    b"CREATE FUNCTION f(a int) RETURNS STRING SONAME 'x.so'",
    b"/*!99999 DROP TABLE t */",
    b"CREATE TABLE t (i int); DROP TABLE u",
    b"DROP TABLE t; DROP TABLE u",
    b"COMMIT AND CHAIN",
    b"EXECUTE IMMEDIATE 'DROP DATABASE x'",
    b"BEGIN NOT ATOMIC DROP DATABASE x; END",
    b"CREATE SEQUENCE s ENGINE=CONNECT",
    b"INSERT INTO `t` VALUES (1)",
    b"CREATE DEFINER=a@h DEFINER=root@localhost PROCEDURE p() SELECT 1",
    b"CREATE DEFINER a@h PROCEDURE p() SELECT 1",
    b"CREATE DEFINER=a@ PROCEDURE p() SELECT 1",
    b"CREATE DEFINER=@@hostname PROCEDURE p() SELECT 1",
    b"CREATE DEFINER=a@h TABLE t (i int)",
    b"CREATE DEFINER=a@h SEQUENCE s",
    b"CREATE /*!80000 DEFINER=root@localhost */ PROCEDURE p() SELECT 1",
    b"CREATE /*M!100000 DEFINER=root@localhost */ PROCEDURE p() SELECT 1",
    b"CREATE /*M!100000 DEFINER=root@localhost */ /*!80000 DEFINER=a@h */ PROCEDURE p() SELECT 1",
]


def judge(text: bytes) -> Verdict:
    return judge_statement(text, database="civicrm", session=Session())


@pytest.mark.parametrize("text", ALLOWED)
def test_statements_of_dumps_pass(text: bytes) -> None:
    assert judge(text).kind


@pytest.mark.parametrize("text", [text for text in REFUSED if text.strip()])
def test_other_statements_are_refused_with_a_reason(text: bytes) -> None:
    with pytest.raises(Refused) as caught:
        judge(text)
    assert caught.value.reason


@pytest.mark.parametrize(
    ("text", "definer"),
    [
        (b"CREATE DEFINER=`a``b`@`%` FUNCTION `f`() RETURNS int RETURN 1", "a`b@%"),
        (b"CREATE DEFINER='a'@'h' PROCEDURE `p`() SELECT 1", "a@h"),
        (b"CREATE DEFINER = 'a' @ 'h' PROCEDURE `p`() SELECT 1", "a@h"),
        (b"/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`h`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW DO 1*/",
         "a@h"),
        (b"/*!50001 CREATE ALGORITHM=MERGE */\n/*!50013 DEFINER='a'@'h' SQL SECURITY INVOKER */ VIEW v AS SELECT 1",
         "a@h"),
        (b"CREATE DEFINER=a@h PROCEDURE p() SELECT 1", "a@h"),
        (b"CREATE DEFINER=a@127.0.0.1 PROCEDURE p() SELECT 1", "a@127.0.0.1"),
        (b"create definer=A@H sql security invoker view v as select 1", "A@H"),
        (b"/*!50106 CREATE*/ /*!50117 DEFINER=a@'%'*/ /*!50106 EVENT e ON SCHEDULE EVERY 1 DAY DO DO 1 */", "a@%"),
        (b"CREATE DEFINER=`role` PROCEDURE p() SELECT 1", "role"),
        (b"CREATE DEFINER=CURRENT_USER() FUNCTION f() RETURNS int RETURN 1", "CURRENT_USER"),
        (b"CREATE /* DEFINER=`x`@`y` */ DEFINER=/* z */`a`@`h` PROCEDURE p() SELECT 1", "a@h"),
    ],
)  # fmt: skip
def test_the_definer_is_found_in_every_spelling(text: bytes, definer: str) -> None:
    found = judge(text).definer
    assert found is not None and found[2] == definer
    changed = text[: found[0]] + b"CURRENT_USER" + text[found[1] :]
    again = judge(changed).definer
    assert again is not None and again[2] == "CURRENT_USER"


def test_data_and_names_define_nobody() -> None:
    assert judge(b"CREATE TABLE `DEFINER=``a``@``b``` (x int)").definer is None
