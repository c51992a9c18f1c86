"""programs.databases.one_table: which trigger is of which table; the rest is proven by test_restore_part.py."""

import io

import pytest

from programs.databases.one_table import BrokenKey, find_trigger_table, make_rows_error
from programs.sql.statements import StatementReader

DUMP = b"""CREATE TABLE `t` (`id` int);
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%%`*/ /*!50003 TRIGGER `on` BEFORE INSERT ON %s FOR EACH ROW SET @a = 1 */;;
DELIMITER ;
"""


@pytest.mark.parametrize(("written", "name"), [(b"`t`", "t"), (b"`on``e`", "on`e"), (b"t", "t")])
def test_the_table_of_a_trigger_is_found(written: bytes, name: str) -> None:
    parts = list(StatementReader(io.BytesIO(DUMP % written), database="civicrm"))
    (trigger,) = [part for part in parts if part.verdict.kind == "CREATE TRIGGER"]
    assert find_trigger_table(trigger) == name


def test_an_error_says_how_many_rows() -> None:
    error = make_rows_error("d.t", found=1, expected=2)
    assert error.code == "restore_differs" and "1" in error.message and "2" in error.message
    assert BrokenKey("d.t", "k", "d.p", 3).rows == 3
