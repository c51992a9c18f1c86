"""Largest remainder: the parts are the whole."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from finops.rounding import distribute, distribute_in_groups, key_order, round_to_cent, sum_ordered

MONEY = st.decimals(min_value=0, max_value=100_000, places=9)
CENT = Decimal("0.01")


def test_a_third_of_ten_euros() -> None:
    third = Decimal(10) / 3
    parts = {"a": third, "b": third, "c": third}
    assert distribute(parts, Decimal(10)) == {"a": Decimal("3.34"), "b": Decimal("3.33"), "c": Decimal("3.33")}


def test_halves_go_up_also_when_a_division_left_a_little_less() -> None:
    assert round_to_cent(Decimal("0.125")) == Decimal("0.13")
    assert round_to_cent(Decimal("0.12499999999999999999999")) == Decimal("0.13")
    assert round_to_cent(Decimal("0.1249")) == Decimal("0.12")


def test_the_largest_remainder_gets_the_cent() -> None:
    assert distribute({"a": Decimal("0.001"), "b": Decimal("0.009")}, CENT) == {"a": Decimal(0), "b": CENT}


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=4), MONEY, max_size=20), st.randoms(use_true_random=False))
def test_parts_add_up_each_within_a_cent_in_any_order(parts: dict[str, Decimal], chance: object) -> None:
    total = round_to_cent(sum(parts.values(), Decimal(0)))
    found = distribute(parts, total)
    assert sum(found.values(), Decimal(0)) == total
    assert all(abs(found[key] - parts[key]) < CENT and found[key] >= 0 for key in parts)
    keys = list(parts)
    chance.shuffle(keys)  # type: ignore[attr-defined]
    assert distribute({key: parts[key] for key in keys}, total) == found


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), MONEY, max_size=25))
def test_groups_add_up_to_the_whole_and_their_members_to_them(parts: dict[tuple[str, int], Decimal]) -> None:
    found = distribute_in_groups(parts)
    assert found.keys() == parts.keys()
    assert sum(found.values(), Decimal(0)) == round_to_cent(sum_ordered(parts))
    for group in "abc":
        exact = sum((amount for key, amount in parts.items() if key[0] == group), Decimal(0))
        assert abs(sum((amount for key, amount in found.items() if key[0] == group), Decimal(0)) - exact) < CENT


def test_keys_of_any_kind_have_an_order() -> None:
    assert sorted([("b", 1), "a", ("a", 2)], key=key_order) == ["a", ("a", 2), ("b", 1)]
