"""Runs management commands as a person or a program does."""

import json
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError


class Keyboard(StringIO):
    """A terminal at which somebody types."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


def run_command(name: str, *arguments: str) -> tuple[int, str, str]:
    """Return (exit code, stdout, stderr) of a command line, in this process."""
    stdout, stderr = StringIO(), StringIO()
    try:
        call_command(name, *arguments, stdout=stdout, stderr=stderr)
    except CommandError as error:
        return error.returncode, stdout.getvalue(), f"{stderr.getvalue()}{error}"
    except SystemExit as end:
        return int(end.code or 0), stdout.getvalue(), stderr.getvalue()
    return 0, stdout.getvalue(), stderr.getvalue()


def run_json(name: str, *arguments: str) -> tuple[int, Any]:
    """Return (exit code, document) of a command line with --json, whose stdout must be one document."""
    code, stdout, stderr = run_command(name, *arguments, "--json")
    assert stderr == ""
    return code, json.loads(stdout)
