"""Runs a management command as a person would, in this process."""

import io
import json
from typing import Any

from django.core.management import CommandError, call_command


def run_command(name: str, *arguments: str) -> tuple[int, str]:
    """Return (exit code, stdout). A refusal without --json is (1, its text)."""
    stdout = io.StringIO()
    try:
        call_command(name, *arguments, stdout=stdout, stderr=io.StringIO())
    except SystemExit as ended:
        return int(ended.code or 0), stdout.getvalue()
    except CommandError as error:
        return 1, str(error)
    return 0, stdout.getvalue()


def run_json(name: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Return (exit code, the one document on stdout)."""
    code, text = run_command(name, *arguments, "--json")
    document: dict[str, Any] = json.loads(text)
    return code, document
