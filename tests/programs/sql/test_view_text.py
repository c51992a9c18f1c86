"""programs.sql.view_text: what MySQL tells of a view before and after a load is one text."""

import pytest

from programs.databases.inventory import normalise_body
from programs.sql.view_text import normalise_joins

# As MySQL 9.7 told them when they were made, and when their dump was loaded.
TOLD = [
    ("select 1 from `a` join `b`", "select 1 from (`a` join `b`)"),
    ("select 1 from `a` join `b` join `c` where (1 = 1)", "select 1 from ((`a` join `b`) join `c`) where (1 = 1)"),
    (
        "select 1 from `a` join lateral (select 2 AS `x` from `b` join `c`) `l`",
        "select 1 from (`a` join lateral (select 2 AS `x` from (`b` join `c`)) `l`)",
    ),
    (
        "select 1 from (`a` left join `b` on((`a`.`i` = `b`.`i`))) join `c`",
        "select 1 from ((`a` left join `b` on((`a`.`i` = `b`.`i`))) join `c`)",
    ),
    (
        "select 1 from (select 2 AS `k`) `s` join json_table('[(]', '$[*]' columns (`v` int path '$')) `j`",
        "select 1 from ((select 2 AS `k`) `s` join json_table('[(]', '$[*]' columns (`v` int path '$')) `j`)",
    ),
    ("select 1 from `a` join `b` union select 2 from `c`", "select 1 from (`a` join `b`) union select 2 from `c`"),
]
DIFFERENT = [
    ("select 1 from (select 2 AS `k`) `s`", "select 1 from select 2 AS `k` `s`"),
    ("select (1 + 2) * 3 from `a`", "select 1 + 2 * 3 from `a`"),
    ("select 1 from `a` left join (`b` join `c`) on(true)", "select 1 from `a` left join `b` join `c` on(true)"),
    ("select ' from (`a`)' from `a`", "select ' from `a`' from `a`"),
    ("select `x from (y)` from `a`", "select `x from y` from `a`"),
]


@pytest.mark.parametrize(("made", "loaded"), TOLD)
def test_a_list_of_tables_is_the_same_with_and_without_its_brackets(made: str, loaded: str) -> None:
    assert normalise_joins(normalise_body(made)) == normalise_joins(normalise_body(loaded))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_brackets_that_mean_something_count(one: str, other: str) -> None:
    assert normalise_joins(one) != normalise_joins(other)


@pytest.mark.parametrize("text", ["", "from", "select 1 from ((", "from )(", "'open from (a", "from ()"])
def test_no_text_is_too_odd(text: str) -> None:
    normalise_joins(text)
