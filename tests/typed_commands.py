"""Runs command lines one after the other as manage.py would, without starting Python for each: JSON in and out."""

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout

import django
from django.core.management import execute_from_command_line


def run(words: list[str]) -> dict[str, object]:
    """Return how a command line ended, and what it said."""
    stdout, stderr = io.StringIO(), io.StringIO()
    code: object = 0
    with redirect_stdout(stdout), redirect_stderr(stderr):
        try:
            execute_from_command_line(["manage.py", *words])
        except SystemExit as end:
            code = end.code or 0
    return {"code": code, "said": stdout.getvalue() + stderr.getvalue()}


def main() -> None:
    """Answer each line of standard input."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civiparoisse.settings")
    django.setup()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
