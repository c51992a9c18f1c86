"""Reads any directory with a set back whole, without the database; what the manager knows is read by operations."""

import contextlib
import io
import json
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from domain.errors import CiviparoisseError
from domain.words import word_params, word_progress
from programs.run.environment import KEY_MIN_BYTES, read_secret
from programs.run.failures import ProgramError, make_os_failure
from programs.verify import SetReport, check_set, make_summary


def verify_directory(set_dir: Path, *, key_file: Path | None = None, tenant: str | None = None) -> dict[str, Any]:
    """Read the set in `set_dir` back and return its figures. Raise ProgramError with the first thing that is wrong.

    Needs neither database nor engine. Without `key_file` the signature is not checked, and a warning says so.
    Raise CiviparoisseError `file_unreadable` where there is no directory, or no key.
    """
    if not set_dir.is_dir():
        raise CiviparoisseError("file_unreadable", path=str(set_dir), detail=_("there is no such directory"))
    key = None if key_file is None else _read_key(key_file)
    return dict(make_summary(check_directory(set_dir, key=key, tenant=tenant)))


def check_directory(set_dir: Path, *, key: bytes | None, tenant: str | None, loaded: Collection[str] = ()) -> SetReport:
    """Read the set in `set_dir` back, for a command, and return what it holds (programs.verify.check_set). Raise
    ProgramError with the first thing that is wrong."""
    # The program tells its progress on stdout, which belongs to the command's answer.
    with contextlib.redirect_stdout(ProgressScreen()):
        try:
            return check_set(set_dir, key=key, expected_tenant=tenant, loaded=loaded)
        except OSError as error:
            raise make_os_failure(error, doing="reading the set") from error


def describe_program_error(error: ProgramError) -> dict[str, Any]:
    """Return a program's error in the shape every door uses: what it means, and what the program said."""
    words = word_params({"code": error.code, "hint": error.hint})
    message = f"{words['cause']} ({error.code}: {error.message})"
    return {"code": error.code, "message": message, "hint": words["hint"], "params": error.params}


class ProgressScreen(io.TextIOBase):
    """Shows a program's progress to who sits at a terminal, and to nobody else."""

    def write(self, text: str) -> int:
        """Show one line of `programs.run.failures.report_progress`."""
        if text.strip() and sys.stderr.isatty():
            said = json.loads(text)
            sys.stderr.write(f"{said['progress']:3d}% {word_progress(said['message'])}\n")
        return len(text)


def _read_key(path: Path) -> bytes:
    variable = "MANIFEST_KEY_FILE"
    try:
        return read_secret({variable: str(path.absolute())}, variable, least_bytes=KEY_MIN_BYTES)
    except ProgramError as error:
        detail = _("a file of 16 to 4096 bytes is needed")
        raise CiviparoisseError("file_unreadable", path=str(path), detail=detail) from error
