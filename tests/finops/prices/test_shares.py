"""What depends on who else is there is split at every moment: what was counted stays, and the parts are the whole."""

from collections import defaultdict
from decimal import Context, Decimal, localcontext
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from finops.prices.shares import Piece, clip_times, merge_times, split_by_weight, split_nodes

EXAMPLES = 60
END = 24
NOISE = Decimal("1e-20")
# An amount of 3,600 an hour is one a second.
HOURLY = Decimal(3600)
ZERO = Decimal(0)
Pieces = list[Piece[str]]

PIECES: st.SearchStrategy[Pieces] = st.lists(
    st.builds(
        lambda name, start, lasting, weight: Piece(name, start, min(END, start + lasting), Decimal(weight)),
        st.sampled_from("abc"),
        st.integers(0, END - 1),
        st.integers(0, END),
        st.sampled_from(["0", "1", "3", "0.7"]),
    ),
    max_size=8,
)


def clip(pieces: Pieces, start: int, end: int) -> Pieces:
    return [piece._replace(start=max(start, piece.start), end=min(end, piece.end)) for piece in pieces]


def sum_weights(pieces: Pieces, second: int) -> dict[str, Decimal]:
    weights: defaultdict[str, Decimal] = defaultdict(Decimal)
    for piece in pieces:
        if piece.start <= second < piece.end:
            weights[piece.name] += piece.weight
    return {name: weight for name, weight in weights.items() if weight}


def test_a_newcomer_pays_from_its_arrival_and_nobody_before() -> None:
    pieces = [Piece("a", 6, 24, Decimal(1)), Piece("b", 12, 18, Decimal(1))]
    split = split_by_weight(pieces, per_hour=HOURLY, start=0, end=24)
    assert (split.by_name, split.left) == ({"a": Decimal(15), "b": Decimal(3)}, Decimal(6))


def test_weights_that_cancel_out_leave_nobody() -> None:
    third = Decimal(1) / 3
    pieces = [Piece("a", 0, 4, third), Piece("a", 0, 8, third), Piece("b", 4, 8, 2 * third)]
    split = split_by_weight(pieces, per_hour=HOURLY, start=0, end=12)
    assert split.left == 4
    assert abs(sum(split.by_name.values()) - 8) < NOISE


def test_nodes_that_are_too_small_are_paid_once_and_only_while_they_are() -> None:
    pieces = [Piece("a", 0, 20, Decimal(3)), Piece("b", 10, 20, Decimal(5))]
    split = split_nodes(pieces, rate=HOURLY, per_hour=4 * HOURLY, share_idle=False, start=0, end=24)
    assert split.reserved == {"a": Decimal(30 + 15), "b": Decimal(25)}
    assert (split.idle.by_name, split.idle.left) == ({"a": ZERO, "b": ZERO}, Decimal(10 + 16))


def test_what_is_left_of_nodes_is_shared_by_those_who_reserve_at_that_moment() -> None:
    pieces = [Piece("a", 0, 20, Decimal(1)), Piece("b", 10, 20, Decimal(3))]
    split = split_nodes(pieces, rate=HOURLY, per_hour=8 * HOURLY, share_idle=True, start=0, end=24)
    assert split.reserved == {"a": Decimal(20), "b": Decimal(30)}
    # Alone a pays the seven that are left; together they share four, by weight; then nobody is there.
    assert split.idle.by_name == {"a": Decimal(70 + 10), "b": Decimal(30)}
    assert split.idle.left == 8 * 4


@settings(max_examples=EXAMPLES, deadline=None)
@given(PIECES)
def test_a_split_is_the_sum_of_every_second_s_own(pieces: Pieces) -> None:
    with localcontext(Context(prec=50)):
        split = split_by_weight(pieces, per_hour=HOURLY, start=0, end=END)
        expected: defaultdict[str, Decimal] = defaultdict(Decimal)
        for second in range(END):
            weights = sum_weights(pieces, second)
            total = sum(weights.values(), ZERO)
            for name, weight in weights.items():
                expected[name] += weight / total
            expected[""] += 0 if weights else 1
        assert abs(split.left - expected.pop("", ZERO)) < NOISE
        assert split.by_name.keys() == expected.keys()
        assert all(abs(split.by_name[name] - expected[name]) < NOISE for name in expected)


@settings(max_examples=EXAMPLES, deadline=None)
@given(PIECES, st.booleans(), st.lists(st.integers(1, END - 1), unique=True, max_size=4))
def test_the_parts_of_any_partition_are_the_whole_and_nothing_falls(
    pieces: Pieces, share_idle: bool, cuts: list[int]
) -> None:
    def look(start: int, end: int) -> dict[str, Decimal]:
        part = clip(pieces, start, end)
        split = split_by_weight(part, per_hour=HOURLY, start=start, end=end)
        nodes = split_nodes(part, rate=HOURLY, per_hour=4 * HOURLY, share_idle=share_idle, start=start, end=end)
        amounts = {"left": split.left, "idle": nodes.idle.left}
        for view, by_name in (("split", split.by_name), ("held", nodes.reserved), ("shared", nodes.idle.by_name)):
            amounts |= {f"{view} {name}": by_name.get(name, ZERO) for name in "abc"}
        return amounts

    with localcontext(Context(prec=50)):
        moments = [0, *sorted(cuts), END]
        parts = [look(*times) for times in pairwise(moments)]
        so_far = [look(0, moment) for moment in moments[1:]]
        for view, amount in look(0, END).items():
            assert abs(sum((part[view] for part in parts), ZERO) - amount) < NOISE
            assert all(before[view] <= after[view] + NOISE for before, after in pairwise(so_far))
            assert min(part[view] for part in parts) >= 0
        held = look(0, END)
        assert abs(sum(amount for view, amount in held.items() if view[:5] in ("left", "split")) - END) < NOISE
        assert abs(sum(amount for view, amount in held.items() if view[:4] in ("idle", "held", "shar")) - 96) < NOISE


def test_times_are_merged_and_clipped() -> None:
    assert merge_times([(5, 9), (0, 3), (3, 4), (8, 12), (7, 7)]) == [(0, 4), (5, 12)]
    assert clip_times(2, 10, [(0, 4), (5, 12), (20, 30)]) == [(2, 4), (5, 10)]
