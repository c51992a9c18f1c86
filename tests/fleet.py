"""The manager as real processes: its own database and broker, workers and beat that can be killed."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.engines import FakeEngine
from tests.servers import MariaDbServer, die_with_parent

ROOT = Path(__file__).resolve().parent.parent
# More than any call waits by itself for what it is asked (tests/kills.py).
CALL_SECONDS = 1500
# A process that is killed loses nothing of what it has written, wherever that is; disks are only slower.
PLACES = ("/dev/shm", "/tmp")


class Fleet:
    """One manager. `engine`: the fake engine its processes use, seen from the test."""

    def __init__(self, *, server: MariaDbServer | None = None, **environment: str) -> None:
        """`server`: keep the rows there instead of in a SQLite file. `environment`: settings to change."""
        self.home = Path(
            tempfile.mkdtemp(prefix="cpfl-", dir=next(place for place in PLACES if os.access(place, os.W_OK | os.X_OK)))
        )
        # Where tests/settings.py puts the state of a process that is no xdist worker.
        state = self.home / "main"
        self.broker = state / "broker"
        self.engine = FakeEngine(state / "fake")
        self.processes: list[subprocess.Popen[bytes]] = []
        # What the test at hand asks for, by the names it gives.
        self.cases: list[str] = []
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTEST_XDIST_WORKER"},
            "DJANGO_SETTINGS_MODULE": "tests.fleet_settings",
            "CIVIPAROISSE_TEST_DIR": str(self.home),
            "CIVIPAROISSE_LEASE_SECONDS": "2",
            "CIVIPAROISSE_SWEEP_SECONDS": "1",
            # What is waited for comes by itself: on a machine under load only later.
            "CIVIPAROISSE_READY_TIMEOUT_SECONDS": "1800",
            **(_make_database(server) if server is not None else {}),
            **environment,
        }
        try:
            self._run(sys.executable, "manage.py", "migrate", "--verbosity", "0")
        except BaseException:
            self.stop()
            raise

    def call(self, function: str, **arguments: Any) -> Any:
        """Call a function of tests/fleet_calls.py in a process of the manager; return its answer."""
        output = self._run(sys.executable, "-m", "tests.fleet_calls", function, json.dumps(arguments))
        return json.loads(output.splitlines()[-1])

    def start_call(self, function: str, **arguments: Any) -> subprocess.Popen[bytes]:
        """Begin such a call; its answer is the last line of its stdout."""
        return self._start(sys.executable, "-m", "tests.fleet_calls", function, json.dumps(arguments))

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a management command to its end, as a script would: without a terminal."""
        return self._finish(sys.executable, "manage.py", *arguments)

    def start_manage(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a management command; its words go to the log."""
        return self._start(sys.executable, "manage.py", *arguments)

    def start_worker(self, *, concurrency: int = 2) -> subprocess.Popen[bytes]:
        """Start a Celery worker, with the pool of the settings."""
        options = ("--concurrency", str(concurrency), "--without-mingle", "--without-gossip")
        return self._start_celery("worker", *options, "--loglevel", "INFO")

    def start_beat(self) -> subprocess.Popen[bytes]:
        """Start the clock that rings for sweeps and crons."""
        return self._start_celery("beat", "--loglevel", "WARNING", "--pidfile", "")

    def start_web(self, port: int) -> subprocess.Popen[bytes]:
        """Start the server of pages and API."""
        return self._start(sys.executable, "-m", "civiparoisse.web", f"127.0.0.1:{port}")

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 the process and its children, as the kernel would at the end of the machine."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
        self.processes.remove(process)

    def stop(self) -> None:
        """Kill everything and remove the place."""
        for process in list(self.processes):
            self.kill(process)
        shutil.rmtree(self.home, ignore_errors=True)

    def read_log(self) -> str:
        """Return what the processes logged."""
        return (self.home / "log").read_text()

    def _finish(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=CALL_SECONDS,
            check=False,
        )

    def _run(self, *command: str) -> str:
        done = self._finish(*command)
        if done.returncode:
            raise AssertionError(f"{command}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def _start_celery(self, *arguments: str) -> subprocess.Popen[bytes]:
        return self._start(sys.executable, "-m", "celery", "-A", "civiparoisse", *arguments)

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.home / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if "tests.fleet_calls" in command else log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.processes.append(process)
        return process


def _make_database(server: MariaDbServer) -> dict[str, str]:
    name, password = "manager", "only-for-tests"
    server.execute(
        # Two per operation at work, and tests let a hundred stand at once.
        "SET GLOBAL max_connections = 1000",
        f"DROP DATABASE IF EXISTS {name}",
        f"CREATE DATABASE {name} CHARACTER SET utf8mb4",
        f"CREATE OR REPLACE USER {name}@'%' IDENTIFIED BY '{password}'",
        f"GRANT ALL ON {name}.* TO {name}@'%'",
    )
    return {
        "CIVIPAROISSE_DATABASE": "mysql",
        "CIVIPAROISSE_MYSQL_NAME": name,
        "CIVIPAROISSE_MYSQL_USER": name,
        "CIVIPAROISSE_MYSQL_PASSWORD": password,
        "CIVIPAROISSE_MYSQL_PORT": str(server.port),
    }


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Return once `condition` holds. Raise AssertionError naming `what` when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)
