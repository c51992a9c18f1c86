"""Quantities as Kubernetes writes them: 250m, 1.5Gi, 12e6 (apimachinery, resource.Quantity). Pure."""

import re
from decimal import ROUND_CEILING, Decimal

# A sign is valid to Kubernetes and never means anything here; "1Gi " and "1,5Gi" are refused by it too.
QUANTITY = re.compile(r"([0-9]{1,24}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})([eE][+-]?[0-9]{1,2}|[numkMGTPE]|[KMGTPE]i)?")
DECIMAL_POWERS = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY_FACTORS: dict[str, int] = {f"{suffix}i": 1024**power for power, suffix in enumerate("KMGTPE", start=1)}


def parse_quantity(text: object) -> Decimal:
    """Return a quantity as a number of its base unit (cores, bytes). Raise ValueError for what is none.

    A bare number of YAML counts as its digits, as the API server takes it; a negative one is refused.
    """
    match = QUANTITY.fullmatch(str(text)) if isinstance(text, str | int) and not isinstance(text, bool) else None
    if match is None:
        raise ValueError(f"not a quantity like 250m or 1.5Gi: {text!r}")
    number, suffix = Decimal(match[1]), match[2] or ""
    if suffix in BINARY_FACTORS:
        return number * BINARY_FACTORS[suffix]
    return number.scaleb(DECIMAL_POWERS[suffix] if suffix in DECIMAL_POWERS else int(suffix[1:] or 0))


def parse_millicores(text: object) -> int:
    """Return a CPU quantity in millicores, rounded up as the scheduler does (Quantity.MilliValue)."""
    return int((parse_quantity(text) * 1000).to_integral_value(ROUND_CEILING))


def parse_bytes(text: object) -> int:
    """Return a memory or storage quantity in bytes, rounded up (Quantity.Value)."""
    return int(parse_quantity(text).to_integral_value(ROUND_CEILING))


def format_millicores(millicores: int) -> str:
    """Return a CPU quantity in the form the API server gives back: 250m, 1, 1500m."""
    return str(millicores // 1000) if millicores % 1000 == 0 else f"{millicores}m"


def format_bytes(count: int) -> str:
    """Return a quantity of bytes in the form the API server gives back: 384Mi, 1Gi; digits when no unit divides it."""
    for suffix, factor in reversed(BINARY_FACTORS.items()):
        if count and count % factor == 0:
            return f"{count // factor}{suffix}"
    return str(count)
