"""scripts.mutants: every expression that decides has its change, and a change that no test notices is told."""

import ast
from pathlib import Path

import pytest

from scripts import mutants

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
    return [mutant.change for mutant in mutants.list_mutants(Path("a.py"), SOURCE)]


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
    sources = [mutant.source for mutant in mutants.list_mutants(Path("a.py"), SOURCE)]
    assert len(sources) == len(set(sources)) > 5
    assert all(ast.unparse(ast.parse(source)) != same for source in sources)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one module, which knows nothing of ours."""
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    (tmp_path / "judge.py").write_text("def is_old(age):\n    return age > 60\n")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "noticed"), [("assert is_old(61) and not is_old(60)", True), ("assert is_old(90)", False)]
)
def test_a_mutant_is_killed_by_a_test_that_notices(project: Path, line: str, noticed: bool) -> None:
    (project / "test_judge.py").write_text(f"from judge import is_old\n\ndef test_it():\n    {line}\n")
    (mutant,) = [
        mutant
        for mutant in mutants.list_mutants(Path("judge.py"), (project / "judge.py").read_text())
        if mutant.change.endswith("age >= 60")
    ]
    assert mutants.is_killed(mutant, project, ["test_judge.py"]) is noticed
    assert "age > 60" in (project / "judge.py").read_text()


def test_tests_that_fail_without_a_change_are_refused(project: Path) -> None:
    (project / "test_judge.py").write_text("def test_it():\n    assert False\n")
    with pytest.raises(SystemExit, match=r"judge\.py: its tests fail"):
        mutants.refuse_red(project, {"judge.py": ["test_judge.py"]})


def test_a_survivor_without_a_reason_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    every = mutants.list_mutants(Path("a.py"), SOURCE) * 4
    alive = every[:1]
    assert not mutants._judge("a.py", every, alive, {})
    assert mutants._judge("a.py", every, alive, {alive[0].change: "no test can tell"})
    assert not mutants._judge("a.py", every, every, {mutant.change: "all" for mutant in every})
    assert "1 survivors without a reason" in capsys.readouterr().out
