"""`civiparoisse uninstall` on the command line; what it leaves is proven in tests/civiparoisse/test_machine.py."""

import os
from pathlib import Path

import pytest

from civiparoisse.machine import SETTINGS, STATE
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db


def test_it_says_where_the_data_are(tmp_path: Path) -> None:
    assert run_json("uninstall", "--dry-run", "--root", str(tmp_path))[1]["kept"] == [str(STATE), str(SETTINGS)]
    said = run_command("uninstall", "--root", str(tmp_path))[1]
    assert str(STATE) in said and str(SETTINGS) in said


def test_who_is_not_root_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    code, answer = run_json("uninstall", "--root", str(tmp_path))
    assert (code, answer["error"]["code"]) == (1, "install_needs_root")
