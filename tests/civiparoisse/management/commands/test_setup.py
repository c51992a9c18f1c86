"""`setup` makes an installation out of nothing, and changes nothing of one that is there."""

import os
import subprocess
import sys
from pathlib import Path

from tests.gates.source import ROOT


def set_up(state: Path) -> str:
    """Run the command; return what it said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CIVIPAROISSE_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "civiparoisse", "setup"],
        cwd=ROOT,
        env=kept | {"CIVIPAROISSE_STATE_DIR": str(state)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_makes_what_is_missing_and_may_be_repeated(tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert str(state) in set_up(state)
    assert (state / "static" / "civiparoisse" / "admin.css").is_file()
    keys = {path.name: path.read_text() for path in (state / "keys").iterdir()}
    assert set(keys) == {"secret_key", "field_keys"}
    assert (state / "manager.sqlite3").stat().st_mode & 0o777 == 0o600
    assert str(state) in set_up(state)
    assert {path.name: path.read_text() for path in (state / "keys").iterdir()} == keys
