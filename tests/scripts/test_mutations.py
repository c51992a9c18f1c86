"""scripts.mutations: every expression that decides has its change, each a module that differs."""

import ast
from pathlib import Path

import pytest

from scripts import mutations

SOURCE = """
LIMIT = 3
KNOWN = {1, 2}

def judge(age, names):
    if age < LIMIT and names:
        raise ValueError(age)
    log(names)
    return not max(age, 2)
"""


def list_changes() -> list[str]:
    return [mutant.change for mutant in mutations.list_mutants(Path("a.py"), SOURCE)]


@pytest.mark.parametrize(
    "change",
    [
        "judge: age < LIMIT -> age <= LIMIT",
        "judge: age < LIMIT and names -> age < LIMIT or names",
        "judge: 2 -> 3",
        "judge: max(age, 2) -> min(age, 2)",
        "judge: without log(names)",
        "judge: without raise ValueError(age)",
        "module: 3 -> 4",
        "module: {1, 2} -> {2}",
    ],
)
def test_what_decides_is_changed(change: str) -> None:
    assert change in list_changes()


def test_every_mutant_is_a_module_and_differs_from_it() -> None:
    same = ast.unparse(ast.parse(SOURCE))
    sources = [mutant.source for mutant in mutations.list_mutants(Path("a.py"), SOURCE)]
    assert len(sources) == len(set(sources)) > 5
    assert all(ast.unparse(ast.parse(source)) != same for source in sources)


@pytest.mark.parametrize(("change", "line"), [("judge: 2 -> 3", 9), ("without log(names)", 8), ("or names", 6)])
def test_a_mutant_tells_the_line_that_runs_it(change: str, line: int) -> None:
    (mutant,) = [mutant for mutant in mutations.list_mutants(Path("a.py"), SOURCE) if change in mutant.change]
    assert mutant.line == line
