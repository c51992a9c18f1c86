"""Launches of small real programs, for the tests of processes."""

import sys
from pathlib import Path
from typing import Any

from engine.local.accounts import Account
from engine.local.launch import Launch
from tests.builders import make_resources

OURSELVES = Account(name="ourselves", uid=None, gid=None)


def make_launch(directory: Path, name: str, program: str, **changes: Any) -> Launch:
    """Return the launch of a Python program given as its text, as a server unless `deadline_seconds` is given."""
    values: dict[str, Any] = {
        "instance": "saint-paul",
        "root": directory,
        "mark": f"{directory}/{name}",
        "record": directory / f"{name}.json",
        "lock": directory / f"{name}.lock",
        "argv": [sys.executable, "-I", "-S", "-c", program],
        "environment": {},
        "directory": directory,
        "stdout": directory / f"{name}.out",
        "stderr": directory / f"{name}.err",
        "group": f"saint-paul.{name}",
        "resources": make_resources(128, 1000),
        "data_bytes": 0,
    }
    values |= changes
    if values.get("deadline_seconds") is not None:
        values.setdefault("ended", directory / f"{name}.ended")
    return Launch(**values)
