"""Start servers and jobs through launcher.py, so that every process is known before it runs."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import EngineUnavailable
from domain.specs import Resources
from engine.local import launcher
from engine.local.accounts import Account
from engine.local.launcher import ALREADY_TAKEN, MARKER_VARIABLE
from engine.local.limits import apply_limits
from engine.local.vendor import SEARCH_PATH

LAUNCH_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One process to start. `group`: name of its cgroup. `data_bytes`: RLIMIT_DATA when there is no cgroup, 0 for none.
    `deadline_seconds`: given for a job, which is then supervised and writes `ended`; None for a server.
    `groups`: whose the process is beside its account's, when root starts it."""

    instance: str
    root: Path
    mark: str
    record: Path
    lock: Path
    argv: list[str]
    environment: Mapping[str, str]
    directory: Path
    stdout: Path
    stderr: Path
    group: str
    resources: Resources
    data_bytes: int
    fingerprint: str = ""
    deadline_seconds: int | None = None
    groups: tuple[int, ...] = ()
    ended: Path | None = None


def launch(request: Launch, account: Account) -> bool:
    """Start the process; return False when that name is taken already (it runs, or the job was started before).

    Raise EngineUnavailable with the reason when it could not become the program.
    """
    limits = apply_limits(request.root, request.group, request.resources)
    content = {
        "lock": str(request.lock),
        "record": str(request.record),
        "once": request.deadline_seconds is not None,
        "argv": request.argv,
        "environment": {"PATH": SEARCH_PATH, "LANG": "C.UTF-8", **request.environment},
        "directory": str(request.directory),
        "stdout": str(request.stdout),
        "stderr": str(request.stderr),
        "uid": account.uid,
        "gid": account.gid,
        "groups": request.groups,
        "marker": request.mark,
        "fingerprint": request.fingerprint,
        "cgroup_procs": [str(path) for path in limits.procs],
        "limits": limits.text,
        "no_cgroup_because": limits.refusal,
        "data_bytes": request.data_bytes,
        "deadline_seconds": request.deadline_seconds,
        "ended": str(request.ended) if request.ended else None,
    }
    try:
        answer = subprocess.run(
            [sys.executable, "-I", "-S", "-B", launcher.__file__],
            input=json.dumps(content),
            env={MARKER_VARIABLE: request.mark, "PATH": SEARCH_PATH},
            capture_output=True,
            text=True,
            timeout=LAUNCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineUnavailable(instance=request.instance, detail="the launcher did not answer") from error
    if answer.returncode == ALREADY_TAKEN:
        return False
    if answer.returncode != 0:
        detail = f"{request.argv[0]} did not start: {answer.stderr.strip()[:500]}"
        raise EngineUnavailable(instance=request.instance, detail=detail)
    return True
