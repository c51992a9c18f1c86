"""What the first page is made of: alerts with their examples."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.findings import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One of what is wrong. `text`: what happened, `hint`: what to do, both may be empty; `operation`: the address of
    what failed, where there is one."""

    name: str
    link: str
    text: str = ""
    hint: str = ""
    operation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One kind of trouble. `code`: which check found it (watch/catalogue.py); `subjects`: with what, e.g. names of
    engines; "" for the service as a whole. `title` holds the count; `link`: where all of it is shown. `since`: when the
    oldest of them was first seen, None when no round has seen it yet. `tenants`: subject -> slug of the parish that it
    is of, where it is of one."""

    code: str
    subjects: tuple[str, ...] = ("",)
    level: Level
    title: str
    count: int
    link: str
    hint: str = ""
    examples: tuple[Example, ...] = ()
    since: datetime | None = None
    tenants: Mapping[str, str] = field(default_factory=dict)
