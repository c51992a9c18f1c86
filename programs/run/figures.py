"""How the figures that people know of an instance are counted, as the manager tells it: the variable FIGURES.

One JSON document by code: {"contacts": {database, table, key, where, sum, changed, repeats}}. It stands beside
DATA_SETS and not in it, so that programs of before, which refuse what they do not know there, never see it.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

from programs.run.data_sets import DATABASE_NAME, make_refusal
from programs.run.failures import ProgramError
from programs.run.strict_json import StrictJsonError, decode, parse_json

VARIABLE, SINCE_VARIABLE = "FIGURES", "SINCE"
CODE = re.compile(r"[a-z][a-z_]{0,31}")
NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
# A condition on columns of the table: names, numbers, words between quotes, comparisons. It ends no statement, begins
# no comment and calls nothing that writes.
CONDITION = re.compile(r"(?:(?!--)[A-Za-z0-9_ <>=!'(),]){0,300}")
MOST_FIGURES = 16
FILES = "files"

log = logging.getLogger("programs")


@dataclass(frozen=True)
class Figure:
    """One figure: the rows of a table for which `where` holds ("" for all). `key`: the column with their number, which
    only grows. `sum`: a column with amounts, in units of a hundred cents, "" for none. `changed`: the column that says
    when a row was last changed. `repeats`: 1 where a key stands in several rows (languages), which count once."""

    database: str
    table: str
    key: str
    where: str = ""
    sum: str = ""
    changed: str = ""
    repeats: int = 0


@dataclass(frozen=True)
class Since:
    """What the other side of a comparison had: the seconds of its server's clock, and the highest key by code."""

    at: int
    last: dict[str, int]


def read_figures(env: Mapping[str, str]) -> dict[str, Figure]:
    """Return what the environment declares, nothing where it does not. Raise ProgramError environment_invalid."""
    text = env.get(VARIABLE)
    if not text:
        return {}
    try:
        declared: dict[str, Figure] = decode(dict[str, Figure], _parse(text), where=VARIABLE)
    except StrictJsonError as error:
        raise make_refusal(VARIABLE, f"the JSON document that the manager writes ({error})") from error
    faults = [code for code, figure in declared.items() if not CODE.fullmatch(code) or not is_countable(figure)]
    if faults or len(declared) > MOST_FIGURES or FILES in declared:
        raise make_refusal(VARIABLE, f"at most {MOST_FIGURES} figures with names of columns and a condition on them")
    return declared


def read_known_figures(env: Mapping[str, str]) -> dict[str, Figure]:
    """Return the same, and nothing of what is wrong: no backup fails for what it would count."""
    try:
        return read_figures(env)
    except ProgramError as error:
        log.warning("no figures are counted: %s", error.hint)
        return {}


def is_countable(figure: Figure) -> bool:
    """Tell whether a figure names a database, a table and columns, and sets a condition that can be nothing else."""
    names = all(not name or NAME.fullmatch(name) for name in (figure.sum, figure.changed))
    where = CONDITION.fullmatch(figure.where) is not None and figure.where.count("'") % 2 == 0
    own = NAME.fullmatch(figure.table) and NAME.fullmatch(figure.key) and DATABASE_NAME.fullmatch(figure.database)
    return bool(own) and names and where and figure.repeats in (0, 1)


def read_since(env: Mapping[str, str]) -> Since | None:
    """Return the other side that the environment tells of; None for none. Raise ProgramError environment_invalid."""
    text = env.get(SINCE_VARIABLE)
    if not text:
        return None
    try:
        since: Since = decode(Since, _parse(text), where=SINCE_VARIABLE)
    except StrictJsonError as error:
        raise make_refusal(SINCE_VARIABLE, f"the JSON document that the manager writes ({error})") from error
    return since


def _parse(text: str) -> object:
    return parse_json(text.encode(errors="surrogateescape"))
