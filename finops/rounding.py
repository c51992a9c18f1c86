"""To the cent, and so that the parts are the whole: largest remainder. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any, TypeVar

Key = TypeVar("Key", bound=Hashable)

CENT = Decimal("0.01")
PRECISION = Context(prec=50)
# Beyond these, what divisions left over: a half is a half again.
PLACES = Decimal("1e-15")


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
        missing = int((total - sum(floors.values(), Decimal(0))) / CENT)
        ranked = sorted(amounts, key=lambda key: (floors[key] - amounts[key], key_order(key)))
        for key in ranked[:missing]:
            floors[key] += CENT
        return floors


def key_order(key: Any) -> str:
    """Return what orders keys of any kind, always alike."""
    return repr(key)


def distribute_in_groups(amounts: Mapping[tuple[Hashable, Key], Decimal]) -> dict[tuple[Hashable, Key], Decimal]:
    """Return every amount to the cent, given by (group, key): the groups add up to the sum of all, and what is in a
    group adds up to the group's. So every view of the same figures has the same total."""
    with localcontext(PRECISION):
        groups: defaultdict[Hashable, dict[tuple[Hashable, Key], Decimal]] = defaultdict(dict)
        for (group, key), amount in amounts.items():
            groups[group][group, key] = amount
        # Summed in one order: beyond 40 digits a sum could depend on it.
        exact = {group: sum_ordered(members) for group, members in groups.items()}
        totals = distribute(exact, round_to_cent(sum_ordered(exact)))
        found: dict[tuple[Hashable, Key], Decimal] = {}
        for group, members in groups.items():
            found |= distribute(members, totals[group])
        return found


def sum_ordered(amounts: Mapping[Any, Decimal]) -> Decimal:
    """Return the sum, added in the order of the keys."""
    return sum((amounts[key] for key in sorted(amounts, key=key_order)), Decimal(0))
