"""What a look at a cluster found: one fact each, with how bad it is. Frozen values; texts are made when shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How bad it is: nothing to do, to be looked at, instances cannot live here."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"


SEVERITY = (Level.OK, Level.WARNING, Level.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact. `code`: of finding_texts.py, stable. `params`: JSON values for its texts, never a secret."""

    code: str
    level: Level
    params: Mapping[str, Any] = field(default_factory=dict)


def find_worst(levels: Iterable[Level]) -> Level:
    """Return the worst of `levels`; ok when there are none."""
    return max(levels, key=SEVERITY.index, default=Level.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference of one object of an instance. `object`: kind and name, e.g. StatefulSet/paroisse-set-db.
    `path`: the field, "" for the object itself. `wanted`, `found`: JSON texts, cut; None when it is absent."""

    object: str
    path: str = ""
    wanted: str | None = None
    found: str | None = None
