"""Runs a program where one of its directories is a small volume of its own: a tmpfs that nobody else sees."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.programs.workspace import RUN_SECONDS, Outcome, Workspace

# Fill the volume with what is in its directory, run, and put what it holds then where it can be looked at.
SCRIPT = """
set -e
options=$1 directory=$2 copy=$3 python=$4 program=$5 writable=$6
mkdir "$copy" "$copy.before"
cp -a "$directory/." "$copy.before"
mount -t tmpfs -o "$options" tmpfs "$directory"
cp -a "$copy.before/." "$directory"
mount -o "remount,$writable" "$directory"
"$python" -m "programs.$program" || code=$?
cp -a "$directory/." "$copy"
exit ${code:-0}
"""


def run_on_volume(
    workspace: Workspace, program: str, directory: Path, *, options: str, copy: Path, writable: bool = True, **env: str
) -> Outcome:
    """Run with a tmpfs of these mount options at ``directory``; ``copy``: what it held at the end."""
    workspace.result.unlink(missing_ok=True)
    unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    arguments = [options, str(directory), str(copy), sys.executable, program, "rw" if writable else "ro"]
    done = subprocess.run(
        [*unshare, "sh", "-c", SCRIPT, "sh", *arguments],
        env=workspace.make_env(**env),
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        cwd="/",
    )
    result = json.loads(workspace.result.read_bytes()) if workspace.result.exists() else None
    return Outcome(done.returncode, result, done.stdout, done.stderr)
