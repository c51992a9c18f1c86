"""Versions of products, as releases name them. Pure."""

import re
from collections.abc import Mapping

# "5.61.1", "9.5.9-rc1", "8.0": what follows the numbers says nothing about an order that all products share.
NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def parse_version(text: str) -> tuple[int, ...] | None:
    """Return the numbers a version begins with, without zeros at its end; None when it begins with none."""
    match = NUMBERS.match(text)
    if match is None:
        return None
    numbers = [int(number) for number in match.group().split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def find_downgrade(present: Mapping[str, str], wanted: Mapping[str, str]) -> str | None:
    """Return the first product, by name, whose version in `wanted` is older than in `present`; None when there is
    none. Products of which one side, or the sense of one side, is not known are not compared."""
    for product in sorted(present.keys() & wanted.keys()):
        before, after = parse_version(present[product]), parse_version(wanted[product])
        if before is not None and after is not None and after < before:
            return product
    return None
