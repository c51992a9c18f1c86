"""To the cent, and so that the parts are the whole: largest remainder. Pure."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import TypeVar

# What can be ordered: texts, or tuples of them.
Key = TypeVar("Key", bound="str | tuple[str, ...]")

CENT = Decimal("0.01")
# Sums of amounts with 20 decimals are exact in it, so that their order does not matter.
PRECISION = Context(prec=50)
# Beyond these, what divisions left over: a half is a half again.
PLACES = Decimal("1e-15")
ZERO = Decimal(0)


def round_to_cent(amount: Decimal) -> Decimal:
    """Return `amount` rounded to the cent, a half upwards."""
    with localcontext(PRECISION):
        return amount.quantize(PLACES).quantize(CENT, ROUND_HALF_UP)


def distribute(amounts: Mapping[Key, Decimal], total: Decimal) -> dict[Key, Decimal]:
    """Return every amount to the cent, so that they add up to `total`, which is their sum to the cent.

    Each is rounded down; the cents that are missing go to the largest remainders, of equal ones to the first by key.
    So each is less than a cent from what is exact, and the order of `amounts` does not matter. Amounts are 0 or more.
    """
    with localcontext(PRECISION):
        floors = {key: amount.quantize(PLACES).quantize(CENT, ROUND_FLOOR) for key, amount in amounts.items()}
        missing = int((total - sum(floors.values(), ZERO)) / CENT)
        if missing:
            ranked = sorted((floors[key] - amount, key) for key, amount in amounts.items())
            for _remainder, key in ranked[:missing]:
                floors[key] += CENT
        return floors


def distribute_in_groups(
    groups: Mapping[tuple[str, ...], Mapping[Key, Decimal]], *, is_final: bool = True
) -> dict[tuple[str, ...], dict[Key, Decimal]]:
    """Return every amount to the cent: the groups add up to the sum of all, and what is in a group adds up to the
    group's. So every view of the same figures has the same total.

    `is_final`: False for amounts that still grow. Then each group is rounded down: a cent that goes to the largest
    remainder could go to another later, and no group may fall, nor be above what it will be in the end.
    """
    with localcontext(PRECISION):
        exact = {group: sum(members.values(), ZERO) for group, members in groups.items()}
        if is_final:
            totals = distribute(exact, round_to_cent(sum(exact.values(), ZERO)))
        else:
            totals = {group: amount.quantize(PLACES).quantize(CENT, ROUND_FLOOR) for group, amount in exact.items()}
        return {group: distribute(members, totals[group]) for group, members in groups.items()}
