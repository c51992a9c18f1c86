"""scripts.mutants: a change that no test notices is told, and tests that fail without a change are refused."""

from pathlib import Path

import pytest

from scripts import mutants
from scripts.mutations import Mutant, list_mutants

JUDGE = """
OLD = 60

def is_old(age):
    return age > OLD

def wait(age):
    while age < 0:
        age += 1
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one module, which knows nothing of ours."""
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    (tmp_path / "judge.py").write_text(JUDGE)
    return tmp_path


def list_survivors(project: Path, test: str) -> list[str]:
    """Return the changes that this body of a test leaves alive."""
    (project / "test_judge.py").write_text(f"import judge\n\ndef test_it():\n    {test}\n")
    every = list_mutants(Path("judge.py"), JUDGE)
    return [mutant.change for mutant in mutants.try_mutants(every, project, "judge.py", ["test_judge.py"])]


def test_what_no_test_notices_survives_in_functions_and_tables(project: Path) -> None:
    assert list_survivors(project, "assert judge.is_old(90) and not judge.is_old(0)") == [
        "module: 60 -> 61",
        "is_old: age > OLD -> age >= OLD",
        "wait: age < 0 -> age <= 0",
        "wait: 0 -> 1",
        "wait: 1 -> 2",
    ]
    assert (project / "judge.py").read_text() == JUDGE


def test_what_a_test_notices_is_killed_and_so_is_what_hangs(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTANT_SECONDS_MORE", "3")
    line = "judge.wait(-1); assert judge.is_old(61) and not judge.is_old(60)"
    every = [mutant for mutant in list_mutants(Path("judge.py"), JUDGE) if "wait" not in mutant.change]
    hanging = Mutant(Path("judge.py"), "hangs", JUDGE.replace("age += 1", "age += 0"), 9)
    (project / "test_judge.py").write_text(f"import judge\n\ndef test_it():\n    {line}\n")
    assert mutants.try_mutants([*every, hanging], project, "judge.py", ["test_judge.py"]) == []


def test_a_program_that_a_test_starts_runs_the_change(project: Path) -> None:
    started = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import judge; assert judge.is_old(61)'], "
    survivors = list_survivors(project, started + "check=True)")
    assert "module: 60 -> 61" not in survivors
    assert "is_old: age > OLD -> age >= OLD" in survivors


def test_tests_that_fail_without_a_change_are_refused(project: Path) -> None:
    with pytest.raises(SystemExit, match=r"judge\.py: its tests fail"):
        list_survivors(project, "assert False")


def test_a_survivor_without_a_reason_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    every = list_mutants(Path("judge.py"), JUDGE) * 4
    alive = every[:1]
    assert not mutants._judge("judge.py", every, alive, {})
    assert mutants._judge("judge.py", every, alive, {alive[0].change: "no test can tell"})
    assert not mutants._judge("judge.py", every, every, {mutant.change: "all" for mutant in every})
    assert "1 survivors without a reason" in capsys.readouterr().out
