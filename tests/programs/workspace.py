"""Runs the programs as the engines do: real processes, parameters in the environment, own directories."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ParishDatabases
from tests.servers import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
RUN_SECONDS = 300
KEY = b"k" * 32


@dataclass(frozen=True)
class Outcome:
    """How a program ended. `result`: RESULT_FILE, None when it was killed before."""

    code: int
    result: dict[str, Any] | None
    stdout: str
    stderr: str

    @property
    def error(self) -> str:
        """The error's code; fails when the program did not fail."""
        assert self.result is not None, self.stderr
        assert self.result["ok"] is False, self.result
        assert self.code in (1, 2)
        return str(self.result["error"]["code"])


def make_backup_id() -> str:
    """Never the same twice."""
    return f"20261121T080000Z-{secrets.token_hex(3)}"


class Workspace:
    """Directories of one instance, and its databases if any."""

    def __init__(self, databases: ParishDatabases | None) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="cpws-"))
        self.home.chmod(0o755)
        self.databases = databases
        self.backups = self.home / "backups"
        self.files = self.home / "sites"
        self.private = self.home / "private"
        self.work = self.home / "work"
        for path in (self.backups, self.files, self.private, self.work):
            path.mkdir()
        self.result = self.home / "result.json"
        self.administrator: dict[str, str] = {}
        (self.home / "key").write_bytes(KEY)
        (self.home / "password").write_bytes((databases.password if databases else "none").encode() + b"\n")

    def make_env(self, **changes: str) -> dict[str, str]:
        """The environment of a program; `changes` replace or add variables."""
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TENANT": "saint-paul",
            "INSTANCE": "saint-paul",
            "BACKUPS_DIR": str(self.backups),
            "FILES_DIR": str(self.files),
            "PRIVATE_DIR": str(self.private),
            "WORK_DIR": str(self.work),
            "RESULT_FILE": str(self.result),
            "MANIFEST_KEY_FILE": str(self.home / "key"),
            "DB_PASSWORD_FILE": str(self.home / "password"),
            "SCOPE": "full" if self.databases else "files",
        }
        if self.databases:
            env |= {"DB_HOST": self.databases.server.host, "DB_PORT": str(self.databases.server.port)}
            env |= {"DB_USER": self.databases.user, "DATABASES": " ".join(self.databases.names)}
        return env | self.administrator | changes

    def give_administrator(self) -> None:
        """Have the programs know the server's administrator, as an engine does."""
        assert self.databases is not None
        (self.home / "root").write_bytes(b"")
        socket, password = str(self.databases.server.socket), str(self.home / "root")
        self.administrator = {"DB_ADMIN_SOCKET": socket, "DB_ADMIN_PASSWORD_FILE": password}

    def start(self, program: str, **changes: str) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own, its outputs in files."""
        self.result.unlink(missing_ok=True)
        with (self.home / "out").open("wb") as out, (self.home / "err").open("wb") as err:
            return subprocess.Popen(
                [sys.executable, "-m", f"programs.{program}"],
                env=self.make_env(**changes),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd="/",
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def finish(self, process: subprocess.Popen[bytes]) -> Outcome:
        """Wait for the end of a program."""
        try:
            code = process.wait(RUN_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            raise
        result = json.loads(self.result.read_bytes()) if self.result.exists() else None
        return Outcome(code, result, (self.home / "out").read_text(), (self.home / "err").read_text())

    def run(self, program: str, **changes: str) -> Outcome:
        """Run a program to its end."""
        return self.finish(self.start(program, **changes))

    def make_backup(self, **changes: str) -> Path:
        """A good backup; returns its directory."""
        backup_id = changes.pop("BACKUP_ID", make_backup_id())
        outcome = self.run("backup", BACKUP_ID=backup_id, **changes)
        assert outcome.result is not None and outcome.result["ok"], (outcome.result, outcome.stderr)
        assert outcome.code == 0
        return self.backups / backup_id

    def list_leftovers(self) -> list[str]:
        """What is in the directories beside named sets and the lock."""
        names = [path.name for path in self.backups.iterdir() if path.name.startswith(".") and path.name != ".lock"]
        return names + [path.name for path in self.work.iterdir()]

    def remove(self) -> None:
        """Remove everything, whatever the modes."""
        shutil.rmtree(self.home, ignore_errors=True)


def list_descendants(pid: int) -> list[int]:
    """Processes that a process started, and those they started."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    children = [int(word) for word in text.split()]
    return children + [pid for child in children for pid in list_descendants(child)]


def is_alive(pid: int) -> bool:
    """Tell whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(condition: Any, *, seconds: float = 120.0) -> Any:
    """The first true value of `condition()`; fails after the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.002)
    raise AssertionError("the condition did not come true in time")
