"""A year of nights on one volume, in one process: `python -m tests.programs.year`, the environment of a backup.

Each night the real program makes a real set of the files, dated that night, and prunes by the policy that it is given.
Prints one JSON document: the codes of nights that failed, and the sets that are left.
"""

import contextlib
import io
import json
import os
import secrets
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from programs.backup import main
from programs.run.failures import ProgramError

NIGHTS = int(os.environ.get("NIGHTS", "365"))
FIRST = datetime(2026, 1, 1, 0, 40, tzinfo=UTC)
SET_BYTES = 24 * 1024


def run_year() -> dict[str, object]:
    """Return what became of each night."""
    backups, changing = Path(os.environ["BACKUPS_DIR"]), Path(os.environ["FILES_DIR"]) / "changes-every-day"
    failed = []
    for night in range(NIGHTS):
        now = FIRST + timedelta(days=night)
        changing.write_bytes(secrets.token_bytes(SET_BYTES))
        env = {**os.environ, "BACKUP_ID": f"{now:%Y%m%dT%H%M%SZ}-{night:06x}"}
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                main(env, now=now + timedelta(minutes=1))
        except ProgramError as error:
            failed.append((night, error.code))
    return {"failed": failed, "left": sorted(path.name for path in backups.iterdir() if path.name[0] != ".")}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run_year()))
