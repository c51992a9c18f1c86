"""Collect the texts to translate into locale/fr, the same way on every machine (no line numbers, sorted)."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def collect_texts(root: Path) -> None:
    """Run makemessages in `root`. Raise CalledProcessError when it fails."""
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--locale", "fr", "--no-location", "--no-obsolete"]
        + ["--ignore", ".venv", "--ignore", "tests", "--ignore", "programs", "--ignore", "standin"],
        cwd=root,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=True,
        timeout=120,
    )
    for catalogue in root.glob("locale/*/LC_MESSAGES/django.po"):
        # By text: a text stays in its place when the code that has it moves.
        subprocess.run(["msgcat", "--sort-output", "-o", catalogue, catalogue], check=True, timeout=60)
        # The moment of collecting says nothing, and would change the file every time.
        lines = catalogue.read_text().splitlines(keepends=True)
        catalogue.write_text("".join(line for line in lines if not line.startswith('"POT-Creation-Date:')))


if __name__ == "__main__":
    collect_texts(ROOT)
