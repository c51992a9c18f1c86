"""What is asked of a server to count, and how its answers are read."""

import dataclasses

import pytest

from programs.databases.client import Vendor
from programs.databases.figures import make_seconds, make_settings, make_statement, read_answer
from programs.run.figures import Figure, Since

FIGURE = Figure("civicrm", "civicrm_contact", "id", "is_deleted = 0", "", "modified_date")
COLUMNS = {("civicrm", "civicrm_contact"): {"id": "int", "modified_date": "timestamp", "amount": "decimal"}}


def test_a_table_or_a_column_that_is_not_there_is_not_asked_for() -> None:
    assert make_statement("contacts", FIGURE, COLUMNS) is not None
    assert make_statement("contacts", FIGURE, {}) is None
    for name, value in (("table", "none"), ("key", "none"), ("sum", "none"), ("database", "drupal")):
        assert make_statement("contacts", dataclasses.replace(FIGURE, **{name: value}), COLUMNS) is None
    without = make_statement("contacts", dataclasses.replace(FIGURE, changed="none"), COLUMNS)
    assert without is not None and "MAX(NULL)" in without


def test_what_came_since_is_asked_for_where_the_other_side_told_its_keys() -> None:
    plain = make_statement("contacts", FIGURE, COLUMNS)
    since = make_statement("contacts", FIGURE, COLUMNS, since=Since(5, {"contacts": 7}))
    assert plain is not None and plain.count("NULL, NULL, NULL") == 1
    assert since is not None and "`id` > 7" in since and "> 5" in since
    assert make_statement("contacts", FIGURE, COLUMNS, since=Since(5, {"users": 7})) == plain


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("int", "`t`"),
        ("bigint", "`t`"),
        ("timestamp", "FLOOR(UNIX_TIMESTAMP(`t`))"),
        ("datetime", "NULL"),
        ("", "NULL"),
    ],
)
def test_a_time_whose_zone_nobody_knows_is_no_time(kind: str, expected: str) -> None:
    assert make_seconds("t", kind) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"3\t9\tNULL\tNULL\tNULL\tNULL\tNULL", {"count": 3, "last": 9}),
        (b"NULL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL", {"count": 0, "last": 0}),
        (
            b"3\t9\t-500\t7\t1\t-20\t2",
            {"count": 3, "last": 9, "cents": -500, "newest": 7, "entered": 1, "entered_cents": -20, "changed": 2},
        ),
    ],
)
def test_answers(line: bytes, expected: dict[str, int]) -> None:
    assert read_answer(line) == expected


@pytest.mark.parametrize("line", [b"", b"3\t9", b"3\t9\tx\tNULL\tNULL\tNULL\tNULL", b"ERROR 1146 at line 2"])
def test_what_is_no_answer(line: bytes) -> None:
    with pytest.raises(ValueError):
        read_answer(line)


def test_the_session_only_reads_and_no_question_lasts() -> None:
    for name, limit in (("mariadb", "max_statement_time=20"), ("mysql", "max_execution_time=20000")):
        settings = make_settings(Vendor(name, "1", "c", "d", "1"))
        assert "READ ONLY" in settings and limit in settings and "lock_wait_timeout=5" in settings
