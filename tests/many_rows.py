"""Writing many rows at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

# Rows at once: few enough for every database's packets.
BATCH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """How much of the past each parish has, in days: kept nightly sets, the ledger's tallies, measured use."""

    sets: int = 3
    ledger: int = 3
    use: int = 3


def write(rows: Iterator[Model]) -> None:
    """Write rows of one model, a batch at a time."""
    chunk: list[Any] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == BATCH:
            type(row)._default_manager.bulk_create(chunk)
            chunk = []
    if chunk:
        type(chunk[0])._default_manager.bulk_create(chunk)
