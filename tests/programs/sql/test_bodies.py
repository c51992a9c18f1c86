"""programs.sql.bodies: one statement is told from several, in every form that programs of both vendors have."""

import pytest

from programs.sql.bodies import check_one_statement, find_body
from programs.sql.judge import judge_statement
from programs.sql.reading import Reading, Refused
from programs.sql.settings import Session
from programs.sql.tokens import list_readings

BODIES = [
    "BEGIN END",
    "SET @a = 1",
    "BEGIN SET @a=1; END;",
    "lbl: BEGIN SET @a=1; LEAVE lbl; END lbl",
    "BEGIN NOT ATOMIC SET @a=1; END",
    "FOR i IN 1..10 DO SET @a = i; END FOR",
    "FOR i IN REVERSE 1..10 DO SET @a = i; SET @b = i; END FOR",
    "FOR r IN (SELECT id FROM t) DO INSERT INTO u VALUES (r.id); END FOR",
    "lbl: FOR i IN 1..3 DO ITERATE lbl; END FOR lbl",
    "WHILE @a < 3 DO SET @a = @a + 1; SET @b = 1; END WHILE",
    "lbl: LOOP LEAVE lbl; END LOOP lbl",
    "REPEAT SET @a=1; UNTIL @a END REPEAT",
    "IF NEW.a THEN SET @a=1; ELSEIF NEW.b THEN SET @b=1; ELSE SET @c=1; END IF",
    "IF NOT EXISTS (SELECT 1 FROM t) THEN SET @a=1; END IF",
    "IF EXISTS (SELECT 1) THEN DROP TABLE IF EXISTS x; CREATE TABLE IF NOT EXISTS x (i int); END IF",
    "CASE @a WHEN 1 THEN SET @b=1; WHEN 2 THEN BEGIN END; ELSE SET @c=2; END CASE",
    "CASE WHEN @a THEN IF @b THEN SET @c=1; END IF; END CASE",
    "SET @a = CASE WHEN 1 THEN IF(1,2,3) WHEN 2 THEN 4 END",
    "SET @a = IF(1, 2, 3)",
    "SET @a = REPEAT('x', 3)",
    "BEGIN SET @a = IF(CASE WHEN 1 THEN 2 END, 2, 3); END",
    "BEGIN IF (@a) AND CASE WHEN 1 THEN 1 END THEN SET @b=1; END IF; END",
    "BEGIN DECLARE c CURSOR FOR SELECT 1; DECLARE CONTINUE HANDLER FOR NOT FOUND SET @done=1; OPEN c; CLOSE c; END",
    "BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION, 1062 BEGIN ROLLBACK; RESIGNAL; END; SET @a=1; END",
    "BEGIN DECLARE EXIT HANDLER FOR SQLSTATE '42000' IF @a THEN SET @b=1; END IF; SET @a=1; END",
    "BEGIN SELECT t.end, t.begin, `end`, x AS end FROM t; END",
    "BEGIN /* END; */ SET @a='END; DROP'; -- END;\n # END;\n END",
    "BEGIN GET DIAGNOSTICS CONDITION 1 @a = RETURNED_SQLSTATE; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='x'; END",
    "BEGIN IF 1 THEN SET @a=1; ELSE IF 2 THEN SET @b=1; END IF; END IF; END",
    "BEGIN DECLARE i INT DEFAULT IF(1,2,3); WHILE i DO IF i THEN SET i=0; END IF; END WHILE; END",
    "BEGIN LOOP LOOP SET @a=1; END LOOP; END LOOP; END",
    "SELECT 1 FROM t FOR UPDATE",
    "INSERT INTO t VALUES (IF(1,2,3), REPEAT('a',2)) ON DUPLICATE KEY UPDATE a=IF(a,1,2)",
]
FORMS = (
    "CREATE TRIGGER t AFTER INSERT ON x FOR EACH ROW {}",
    "CREATE TRIGGER t AFTER INSERT ON x FOR EACH ROW FOLLOWS `u` {}",
    "CREATE PROCEDURE p(IN a INT, OUT b VARCHAR(3)) {}",
    "CREATE PROCEDURE p() SQL SECURITY INVOKER COMMENT 'FOR; IF' MODIFIES SQL DATA {}",
    "CREATE FUNCTION f(a INT) RETURNS varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DETERMINISTIC {}",
    "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 00:00:00' ON COMPLETION NOT PRESERVE DISABLE DO {}",
)


def judge(text: str) -> None:
    judge_statement(text.encode(), database="civicrm", session=Session())


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("form", FORMS)
def test_one_statement_passes_whatever_it_is(form: str, body: str) -> None:
    judge(form.format(body))


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("form", FORMS)
def test_a_second_statement_is_found(form: str, body: str) -> None:
    with pytest.raises(Refused) as caught:
        judge(form.format(body.removesuffix(";") + "; DROP DATABASE civilog"))
    assert caught.value.hostile


@pytest.mark.parametrize("body", ["BEGIN SET @a=1;", "BEGIN END END", "SET @a=1; END"])
def test_blocks_that_do_not_fit_are_not_understood(body: str) -> None:
    with pytest.raises(Refused) as caught:
        judge(FORMS[0].format(body))
    assert not caught.value.hostile


def test_the_body_of_a_function_begins_after_its_type_and_its_attributes() -> None:
    text = b"(a INT) RETURNS decimal(10,2) unsigned NOT DETERMINISTIC READS SQL DATA COMMENT 'x' RETURN 1"
    tokens = list_readings(text, escapes=True, ansi=False)[0]
    assert tokens[find_body(Reading(tokens), "FUNCTION")].text == b"RETURN"
    check_one_statement(tokens, len(tokens) - 2)
