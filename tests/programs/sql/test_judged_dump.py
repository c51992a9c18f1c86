"""programs.sql.judged_dump: a dump is counted and judged in one reading."""

import io

import pytest

from programs.run.failures import ProgramError
from programs.sql.judged_dump import judge_dump
from programs.sql.text import DumpScanner

DUMP = b"""-- Current Database: `civicrm`
CREATE DATABASE `civicrm` /*!40100 DEFAULT CHARACTER SET latin1 COLLATE latin1_bin */;
CREATE TABLE `t` (
  `i` int
) ENGINE=InnoDB%b;
INSERT INTO `t` VALUES
(1),
(2);
"""


def test_rows_engines_and_letters_are_told() -> None:
    scanner = DumpScanner(("civicrm",))
    judged = judge_dump(io.BytesIO(DUMP % b""), scanner, database="civicrm", loaded=True)
    assert (judged.engines, judged.letters, judged.refusals) == ({"t": "INNODB"}, "latin1 latin1_bin", [])
    assert scanner.seen["civicrm"].tables == {"t": 2} and judged.longest_statement > 30


def test_what_is_not_understood_is_an_error_only_where_it_is_to_be_loaded() -> None:
    text = DUMP % b" NEWS=1"
    judged = judge_dump(io.BytesIO(text), DumpScanner(("civicrm",)), database="civicrm", loaded=False)
    assert [refusal.code for refusal in judged.refusals] == ["sql_not_understood"]
    for change, loaded, code in (
        (b" NEWS=1", True, "sql_not_understood"),
        (b" DATA DIRECTORY='/'", False, "hostile_sql"),
    ):
        with pytest.raises(ProgramError) as caught:
            judge_dump(io.BytesIO(DUMP % change), DumpScanner(("civicrm",)), database="civicrm", loaded=loaded)
        assert caught.value.code == code
