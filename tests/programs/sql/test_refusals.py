"""programs.sql.refusals: what is dangerous and what is not understood are told apart, and named."""

import pytest

from programs.sql.judge import judge_statement
from programs.sql.reading import Refused
from programs.sql.refusals import format_refusal, make_sql_refusal, name_object
from programs.sql.settings import Session


def test_what_is_dangerous_and_what_is_not_understood_are_told_apart() -> None:
    grades = {b"CREATE TABLE t (i int) NEWS=1": False, b"CREATE TABLE t (i int) DATA DIRECTORY='/x'": True}
    for text, hostile in grades.items():
        with pytest.raises(Refused) as caught:
            judge_statement(text, database="civicrm", session=Session())
        error = make_sql_refusal("civicrm", 7, caught.value, thing="table t")
        assert error.code == ("hostile_sql" if hostile else "sql_not_understood")
        assert error.params["line"] == 7 and "table t" in error.message
        assert format_refusal(error).startswith("not understood in civicrm: table t: ")


def test_objects_are_named_for_people() -> None:
    assert (
        name_object(b"/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER `after it` BEFORE")
        == "trigger after it"
    )
    assert name_object(b"DROP TABLE IF EXISTS `t`") == "table t" and name_object(b"COMMIT") == ""
