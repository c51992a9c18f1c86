"""tests.second_tries: what passes at its second try is told in full, and only a few may need one."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RARE = """
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", range({rare}))
def test_rare(number):
    mark = Path(__file__).with_name(str(number))
    if not mark.exists():
        mark.touch()
        raise AssertionError(f"only at first {{number}}")

def test_always():
    assert {holds}
"""


@pytest.mark.parametrize(
    ("rare", "holds", "reruns", "code", "workers"),
    [(2, True, 1, 0, "2"), (3, True, 1, 1, "2"), (0, False, 1, 1, "0"), (1, True, 0, 1, "0")],
)
def test_few_may_need_a_second_try_and_each_is_told(
    tmp_path: Path, rare: int, holds: bool, reruns: int, code: int, workers: str
) -> None:
    (tmp_path / "test_rare.py").write_text(RARE.format(rare=rare, holds=holds))
    options = ["-p", "tests.second_tries", "-p", "no:django", "-p", "no:cacheprovider", "-n", workers]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--reruns", str(reruns), "-c", "/dev/null", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == code, run.stdout + run.stderr
    if reruns:
        for number in range(rare):
            assert f"AssertionError: only at first {number}" in run.stdout
        assert ("SECOND TRIES" in run.stdout) is (rare > 0 or not holds)
