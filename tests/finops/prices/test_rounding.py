"""Largest remainder: the parts are the whole."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from finops.prices.rounding import distribute, distribute_in_groups, round_to_cent

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


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=4), MONEY, max_size=20), st.randoms(use_true_random=False))
def test_parts_add_up_each_within_a_cent_in_any_order(parts: dict[str, Decimal], chance: object) -> None:
    total = round_to_cent(sum(parts.values(), Decimal(0)))
    found = distribute(parts, total)
    assert sum(found.values(), Decimal(0)) == total
    assert all(abs(found[key] - parts[key]) < CENT and found[key] >= 0 for key in parts)
    keys = list(parts)
    chance.shuffle(keys)  # type: ignore[attr-defined]
    assert distribute({key: parts[key] for key in keys}, total) == found


GROUPS = st.dictionaries(st.tuples(st.sampled_from("abcd")), st.dictionaries(st.text(max_size=2), MONEY, max_size=9))


@settings(max_examples=40, deadline=None)
@given(GROUPS)
def test_groups_add_up_to_the_whole_and_their_members_to_them(
    groups: dict[tuple[str, ...], dict[str, Decimal]],
) -> None:
    found = distribute_in_groups(groups)
    whole = sum((sum(members.values(), Decimal(0)) for members in groups.values()), Decimal(0))
    assert sum((sum(members.values(), Decimal(0)) for members in found.values()), Decimal(0)) == round_to_cent(whole)
    for group, members in groups.items():
        assert found[group].keys() == members.keys()
        exact = sum(members.values(), Decimal(0))
        assert abs(sum(found[group].values(), Decimal(0)) - exact) < CENT
