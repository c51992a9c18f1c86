"""programs.sql.names: what a statement names."""

from programs.sql.names import list_needs, list_outside, read_tokens, replace_spans
from programs.sql.settings import START

VIEW = b"""/*!50001 CREATE VIEW `v` AS select `c`.`id` AS `w`,'from `no`' AS `x` from (`civicrm`.`c` join `d`
 left join (select 1 from `e` `f`) `g` on(`d`.`a` = `h`.`b`)) */"""


def test_a_view_needs_what_stands_behind_from_and_join() -> None:
    needs = list_needs(read_tokens(VIEW, START), "drupal")
    assert {("civicrm", "c"), ("drupal", "d"), ("drupal", "e")} <= needs
    assert not needs & {("drupal", "no"), ("drupal", "v"), ("drupal", "w"), ("drupal", "x")}


def test_only_what_follows_from_and_join_is_certainly_outside() -> None:
    text = b"CREATE VIEW v AS select `a`.`b` from `x`.`y` join `z`.`q`"
    assert list_outside(read_tokens(text, START)) == {("x", "y"), ("z", "q")}


def test_tokens_for_some_versions_are_read_too() -> None:
    tokens = read_tokens(b"CREATE TABLE t (a int /*!80023 INVISIBLE */)", START)
    assert b"INVISIBLE" in {token.text for token in tokens}


def test_spans_are_replaced_in_any_order() -> None:
    assert replace_spans(b"abcdef", [(4, 5, b"X"), (0, 1, b""), (2, 2, b"-")]) == b"b-cdXf"
