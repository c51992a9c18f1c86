"""Sizes as people type them, «512 Mi» or «1,5 Gio», and bytes. Binary units only, as in Kubernetes' quantities."""

import re
from fractions import Fraction

from django.utils.translation import gettext as _

from domain.errors import InvalidValue

UNITS = {"": 1, "Ki": 1024, "Mi": 1024**2, "Gi": 1024**3, "Ti": 1024**4}
SIZE = re.compile(r"([0-9]{1,19}(?:[.,][0-9]{1,6})?)[\s\u00a0\u202f]*(?:(Ki|Mi|Gi|Ti)[oB]?)?", re.ASCII)


def parse_size(text: str, *, field: str = "size") -> int:
    """Return bytes, given e.g. "512Mi", "1 Gi", "1,5 Gio", "1073741824". Raise InvalidValue for anything else, also
    when the size is not a whole number of bytes."""
    match = SIZE.fullmatch(text.strip())
    if match is None:
        raise InvalidValue(field=field, reason=_("give a size such as 512 Mi or 1 Gi."))
    number, unit = match.groups()
    count = Fraction(number.replace(",", ".")) * UNITS[unit or ""]
    if count.denominator != 1:
        raise InvalidValue(field=field, reason=_("give a whole number of bytes."))
    return int(count)


def format_exact_size(count: int) -> str:
    """Return bytes in the largest unit that needs no fraction: `parse_size` gives the same number back."""
    unit = max((name for name, size in UNITS.items() if count % size == 0), key=lambda name: UNITS[name])
    return f"{count // UNITS[unit]} {unit}".strip() if count else "0"
