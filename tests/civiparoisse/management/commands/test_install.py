"""`civiparoisse install` on the command line; what it makes is proven in tests/civiparoisse/test_machine.py."""

import os
from pathlib import Path

import pytest

from civiparoisse.machine import make_files
from tests.commands import run_json

pytestmark = pytest.mark.django_db


def test_a_dry_run_says_every_file_and_writes_none(tmp_path: Path) -> None:
    code, answer = run_json("install", "--dry-run", "--root", str(tmp_path))
    assert code == 0 and answer["dry_run"] is True
    assert [line.split()[1] for line in answer["done"]] == [str(file.path) for file in make_files(Path("/x"))]
    assert list(tmp_path.iterdir()) == []


def test_who_is_not_root_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    code, answer = run_json("install", "--root", str(tmp_path))
    assert (code, answer["error"]["code"]) == (1, "install_needs_root")
