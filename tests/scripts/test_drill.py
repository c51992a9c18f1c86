"""The disaster drill as CI runs it: all comes back from the bucket and the paper alone."""

import os
import subprocess
import sys

from tests.gates.source import ROOT

DRILL_SECONDS = 1800


def test_all_comes_back_from_nothing() -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CIVIPAROISSE_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "scripts/drill.py", "run"],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        timeout=DRILL_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "none opens, none can be removed" in done.stdout and "AGE-SECRET-KEY" not in done.stdout
    assert "the same to the last bit" in done.stdout and done.stdout.splitlines()[-1] == "drill: ok"
