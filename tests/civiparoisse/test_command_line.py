"""The console script, `python -m civiparoisse` and manage.py are one command line."""

import subprocess
import sys

import pytest

from civiparoisse.command_line import find_wrong_settings
from civiparoisse.version import VERSION
from tests.gates.source import ROOT


@pytest.mark.parametrize("start", [("-m", "civiparoisse"), ("manage.py",)])
def test_it_says_its_version_without_keys_and_database(start: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, *start, "--version"], cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"civiparoisse {VERSION} (Django ")


def test_settings_that_are_none_are_told_without_a_traceback() -> None:
    command = [sys.executable, "-m", "civiparoisse", "check", "--settings", "storage=fast"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert done.returncode == 2
    assert "storage=fast is none" in done.stderr and "Traceback" not in done.stderr


def test_settings_that_are_a_module_are_not_refused() -> None:
    assert find_wrong_settings(["check", "--settings", "tests.settings"]) == ""
    assert find_wrong_settings(["check", "--settings=tests.nothing"]) == "tests.nothing"
    assert find_wrong_settings(["check", "--settings"]) == "-"
