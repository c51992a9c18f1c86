"""Reads a whole set back: through the engine, where the volume is, or any directory at hand without the database."""

import contextlib
import io
import json
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from backups.models import Backup
from backups.records import record_refused, record_verified
from domain.errors import CiviparoisseError
from domain.specs import JobPhase, JobProgram, JobSpec
from domain.words import word_params, word_progress
from engine.registry import get_engine
from operations.steps.programs import make_program_error
from operations.steps.servers import select_running
from programs.run.environment import KEY_MIN_BYTES, read_secret
from programs.run.failures import ProgramError, make_os_failure
from programs.verify import check_set, make_summary
from tenants.specs import make_instance_spec


def verify_backup(backup: Backup) -> dict[str, Any]:
    """Have the engine read the set back and note the result on its row; return the program's figures.

    Raise ProgramFailed (the set is bad, or could not be read), `job_lost` or `deadline_exceeded`.
    """
    instance = backup.instance
    engine = get_engine(instance.engine)
    observed = engine.observe(instance.identifier)
    if backup.backup_id not in observed.backup_ids:
        raise CiviparoisseError("backup_missing", instance=instance.identifier, backup_id=backup.backup_id)
    seconds = settings.BACKUP_TIMEOUT_SECONDS
    job = JobSpec(
        name=f"verify-{backup.backup_id}-{secrets.token_hex(4)}",
        program=JobProgram.VERIFY,
        environment={"BACKUP_ID": backup.backup_id},
        deadline_seconds=seconds,
        set_of=instance.identifier,
    )
    spec = make_instance_spec(instance, components=select_running(observed))
    deadline = time.monotonic() + seconds
    while (status := engine.run_job(spec, job)).phase is JobPhase.RUNNING:
        if time.monotonic() > deadline:
            engine.cancel_job(instance.identifier, job.name)
            raise CiviparoisseError(
                "deadline_exceeded", step="verify", instance=instance.identifier, seconds=seconds, detail=""
            )
        time.sleep(engine.poll_seconds)
    if status.phase is JobPhase.LOST:
        raise CiviparoisseError("job_lost", instance=instance.identifier, program=job.program.value)
    if status.phase is JobPhase.FAILED:
        error = make_program_error(instance.identifier, job.program, status)
        record_refused(backup.backup_id, error)
        raise error
    record_verified(backup.backup_id, now=timezone.now())
    return dict(status.result or {})


def verify_directory(set_dir: Path, *, key_file: Path | None = None, tenant: str | None = None) -> dict[str, Any]:
    """Read the set in `set_dir` back and return its figures. Raise ProgramError with the first thing that is wrong.

    Needs neither database nor engine. Without `key_file` the signature is not checked, and a warning says so.
    Raise CiviparoisseError `file_unreadable` where there is no directory, or no key.
    """
    if not set_dir.is_dir():
        raise CiviparoisseError("file_unreadable", path=str(set_dir), detail=_("there is no such directory"))
    key = None if key_file is None else _read_key(key_file)
    # The program tells its progress on stdout, which belongs to the command's answer.
    with contextlib.redirect_stdout(ProgressScreen()):
        try:
            return dict(make_summary(check_set(set_dir, key=key, expected_tenant=tenant)))
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
