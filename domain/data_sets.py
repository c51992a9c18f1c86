"""What an instance's data is: databases and trees of files by name, as its blueprint declares them. No behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.figures import FigureCode


class DataClass(StrEnum):
    """What an instance is without a part of its data.

    `required`: nothing, so a backup without it is refused; `recommended`: damaged; `optional`: as good as before.
    """

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    OPTIONAL = "optional"


class CopyMode(StrEnum):
    """When a tree may be copied: while the site runs, or only while it is stopped."""

    HOT = "hot"
    COLD = "cold"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseDeclaration:
    """A database; it is copied as a dump. `loss`: what is lost without it, a sentence by language ("en", "fr")."""

    data_class: DataClass
    loss: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeDeclaration:
    """A directory and all below it. `volume`: the one of the blueprint that it lies on; `path`: where pods see it.
    `left_out`: pattern below it to the reason why what it names is in no set. `holds`: "settings" for the tree with the
    settings of the site, which a restore elsewhere must change."""

    volume: str
    path: str
    data_class: DataClass
    loss: Mapping[str, str]
    copied: CopyMode
    left_out: Mapping[str, str] = field(default_factory=dict)
    holds: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureDeclaration:
    """How one figure that people know is counted: rows of a table for which `where` holds ("" for all of them).

    `key`: the column with their number, which only grows. `sum`: a column with amounts; "" for none. `changed`: the
    column that says when a row was last changed; "" for none. `repeats`: a key stands in several rows, which count
    once."""

    database: str
    table: str
    key: str
    where: str = ""
    sum: str = ""
    changed: str = ""
    repeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DataDeclaration:
    """All of it. The order is that in which it is copied: databases first. `figures`: those of rows; files are counted
    wherever there is a tree."""

    databases: Mapping[str, DatabaseDeclaration]
    trees: Mapping[str, TreeDeclaration]
    figures: Mapping[FigureCode, FigureDeclaration] = field(default_factory=dict)
