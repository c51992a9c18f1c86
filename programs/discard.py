"""Remove one backup set: `python3 -m programs.discard`, BACKUPS_DIR and BACKUP_ID in the environment.

The set loses its name first, in one system call: a killed run leaves no half set that looks like a backup, and the
next run removes what it left. A set that is not there is removed already.
"""

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from programs.run.durable import sync_directory
from programs.run.environment import BACKUP_ID, make_environment_error, read_directory
from programs.run.failures import ProgramError, Summary, report_progress, run_program
from programs.sets.removal import TRASH, remove_trash, take_name


def discard_set(backups_dir: Path, backup_id: str) -> bool:
    """Remove the set and whatever an earlier run left of any; return whether the set was there."""
    path, trash = backups_dir / backup_id, backups_dir / f"{TRASH}{backup_id}"
    remove_trash(backups_dir)
    present = os.path.lexists(path)
    if present and not stat.S_ISDIR(path.lstat().st_mode):
        raise ProgramError(
            "not_a_set",
            f"{backup_id} is not a directory",
            hint="look at the backup volume",
            params={"backup_id": backup_id},
        )
    if present:
        if not take_name(path, trash):
            hint = "wait until it was read, then ask again"
            message = f"{backup_id} is being read"
            raise ProgramError("set_in_use", message, hint=hint, retryable=True, params={"backup_id": backup_id})
        report_progress(10, "the set has lost its name")
        remove_trash(backups_dir)
    sync_directory(backups_dir)
    return present


def main(env: Mapping[str, str]) -> Summary:
    """Remove the set of the environment."""
    backups_dir = read_directory(env, "BACKUPS_DIR", default="/backups")
    backup_id = env.get("BACKUP_ID") or ""
    if not BACKUP_ID.fullmatch(backup_id):
        accepted = "a date and six hexadecimal digits, as 20261121T080000Z-5f3a9c"
        raise make_environment_error("BACKUP_ID", accepted)
    present = discard_set(backups_dir, backup_id)
    report_progress(100, "removed")
    return {"backup_id": backup_id, "removed": present}


if __name__ == "__main__":
    sys.exit(run_program(main))
