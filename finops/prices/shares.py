"""Costs that depend on who else is there, split at every moment among those present. Pure.

A cost that runs by the hour is divided anew at each arrival and each departure. So what has been counted up to a moment
is never counted otherwise later, and the parts of a time add up to the whole.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

ZERO = Decimal(0)
HOUR = 3600
# Weights are rounded to these places, so that their sums are exact and nobody there is exactly 0.
WEIGHT_PLACES = Decimal("1e-25")

Name = TypeVar("Name", bound="str | tuple[str, ...]")
Times = tuple[int, int]


class Piece(NamedTuple, Generic[Name]):
    """A weight that one name has from the second `start` to `end` (excluded)."""

    name: Name
    start: int
    end: int
    weight: Decimal


class Split(NamedTuple, Generic[Name]):
    """What was split: what each name pays, and what there was nobody to pay."""

    by_name: dict[Name, Decimal]
    left: Decimal


def split_by_weight(pieces: Iterable[Piece[Name]], *, per_hour: Decimal, start: int, end: int) -> Split[Name]:
    """Return a cost of `per_hour` from `start` to `end`, split at each moment by weight among the pieces there are."""
    known = _round_weights(pieces)
    each = _integrate(known, lambda total: per_hour / total if total else ZERO, start=start, end=end)
    nobody = _integrate(known, lambda total: ZERO if total else per_hour, start=start, end=end)
    return Split(_add_up(known, each), nobody[end])


class NodeSplit(NamedTuple, Generic[Name]):
    """What nodes cost: what is reserved of them, and what is left; the latter by name where it is shared."""

    reserved: dict[Name, Decimal]
    idle: Split[Name]


def split_nodes(
    pieces: Iterable[Piece[Name]], *, rate: Decimal, per_hour: Decimal, share_idle: bool, start: int, end: int
) -> NodeSplit[Name]:
    """Return what nodes of `per_hour` together cost, at `rate` for one unit of weight and hour. While more is reserved
    than they hold each pays less, never the sum more. `share_idle`: what is left is paid by those who reserve."""
    known = _round_weights(pieces)

    def price(total: Decimal) -> Decimal:
        return min(rate, per_hour / total) if total else rate

    def leave(total: Decimal) -> Decimal:
        return max(ZERO, per_hour - total * rate)

    def add_to_each(total: Decimal) -> Decimal:
        return leave(total) / total if total and share_idle else ZERO

    def leave_to_nobody(total: Decimal) -> Decimal:
        return ZERO if total and share_idle else leave(total)

    reserved = _add_up(known, _integrate(known, price, start=start, end=end))
    shared = _add_up(known, _integrate(known, add_to_each, start=start, end=end))
    return NodeSplit(reserved, Split(shared, _integrate(known, leave_to_nobody, start=start, end=end)[end]))


def merge_times(times: Iterable[Times]) -> list[Times]:
    """Return when at least one of these times was, in order and without overlaps."""
    merged: list[Times] = []
    for begun, ended in sorted(times):
        if merged and begun <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
        elif begun < ended:
            merged.append((begun, ended))
    return merged


def clip_times(start: int, end: int, within: Iterable[Times]) -> list[Times]:
    """Return the parts of the time from `start` to `end` that lie in `within`."""
    clipped = ((max(start, begun), min(end, ended)) for begun, ended in within)
    return [(begun, ended) for begun, ended in clipped if begun < ended]


def _round_weights(pieces: Iterable[Piece[Name]]) -> list[Piece[Name]]:
    rounded = (Piece(name, start, end, weight.quantize(WEIGHT_PLACES)) for name, start, end, weight in pieces)
    return [piece for piece in rounded if piece.weight and piece.start < piece.end]


def _integrate(
    pieces: Iterable[Piece[Name]], per_hour: Callable[[Decimal], Decimal], *, start: int, end: int
) -> dict[int, Decimal]:
    """Return what `per_hour` of the total weight of each moment comes to from `start` on, at every second at which
    that total changes and at `end`."""
    changes: defaultdict[int, Decimal] = defaultdict(Decimal, {start: ZERO, end: ZERO})
    for piece in pieces:
        changes[piece.start] += piece.weight
        changes[piece.end] -= piece.weight
    total = so_far = ZERO
    before = start
    amounts: dict[int, Decimal] = {}
    for second in sorted(changes):
        so_far += per_hour(total) * (second - before) / HOUR
        amounts[second] = so_far
        total += changes[second]
        before = second
    return amounts


def _add_up(pieces: Iterable[Piece[Name]], amounts: Mapping[int, Decimal]) -> dict[Name, Decimal]:
    by_name: defaultdict[Name, Decimal] = defaultdict(Decimal)
    for piece in pieces:
        by_name[piece.name] += piece.weight * (amounts[piece.end] - amounts[piece.start])
    return dict(by_name)
