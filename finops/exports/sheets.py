"""A report as columns and rows, before it is written in any format. Values, no behaviour but checks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

Cell = str | int | Decimal | None


class ColumnKind(StrEnum):
    """What a column's values are: it decides how they are written and aligned."""

    TEXT = "text"
    MONEY = "money"
    NUMBER = "number"
    SHARE = "share"  # 0 to 1, shown in per cent
    BYTES = "bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`name`: for machines, never translated; `label`: for people, in the active language when it is read."""

    name: str
    label: Any
    kind: ColumnKind = ColumnKind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Rows in the order of `columns`. `total`: the last row, None when a sum has no sense; `notes`: what one must
    know to read it, a sentence each; `currency`: of every MONEY column."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    total: tuple[Cell, ...] | None = None
    currency: str = "EUR"
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        widths = {len(row) for row in (*self.rows, *([self.total] if self.total else []))}
        if widths - {len(self.columns)}:
            raise ValueError(f"{self.title}: rows of {sorted(widths)} cells under {len(self.columns)} columns")
