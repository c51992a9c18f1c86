"""A database server nobody else can reach, for the time of filling a data directory or of changing what is in it."""

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

from standin.parameters import Places

START_SECONDS = 120.0
STOP_SECONDS = 60.0
INSTALL_SECONDS = 300
STATEMENT_SECONDS = 300
PROTOCOL_VERSION = 10  # first byte of the server's greeting after its 4-byte header


class InitialisationFailed(Exception):
    """A program failed. `code`: stable; the text quotes its last lines, where no secret can be."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


def install_data_directory(places: Places, data: Path) -> None:
    """Make an empty data directory: root@localhost without password, no anonymous account, no test database."""
    common = [f"--defaults-file={places.configuration}"]
    if places.install:
        options = [f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db", "--force"]
        command = [places.install, *common, *options]
    else:
        command = [places.server, *common, f"--datadir={data}", "--initialize-insecure"]
    answer = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    if answer.returncode != 0:
        raise InitialisationFailed("data_directory_failed", (answer.stdout + answer.stderr)[-1000:])


class PrivateServer:
    """Context: the server runs on `data`, on its socket only; it is shut down cleanly on leaving."""

    def __init__(self, places: Places, data: Path, *, durable: bool = False) -> None:
        """`durable`: what is committed survives a kill, for data that cannot be made again from zero."""
        self.places = places
        self.data = data
        self.durable = durable

    def __enter__(self) -> "PrivateServer":
        self.places.socket.unlink(missing_ok=True)
        options = [f"--datadir={self.data}", f"--socket={self.places.socket}", "--skip-networking"]
        more = [f"--pid-file={self.places.work_dir}/init.pid", "--event-scheduler=OFF"]
        command = [self.places.server, f"--defaults-file={self.places.configuration}", *options, *more]
        if not self.durable:
            # Nothing is lost with relaxed flushes: a killed init starts from zero, and shutdown writes everything.
            command.append("--innodb-flush-log-at-trx-commit=0")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self._greets():
            if self.process.poll() is not None:
                raise InitialisationFailed("database_server_failed", "the database server stopped at its start")
            if time.monotonic() > deadline:
                self.process.kill()
                self.process.wait()
                raise InitialisationFailed("database_server_failed", "the database server did not start in time")
            time.sleep(0.02)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if kind is None and self.process.returncode != 0:
            raise InitialisationFailed("database_server_failed", f"shutdown ended with {self.process.returncode}")

    def _greets(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5.0)
            try:
                connection.connect(str(self.places.socket))
                greeting = connection.recv(5)
            except OSError:
                return False
        return len(greeting) == 5 and greeting[4] == PROTOCOL_VERSION

    def run_sql(self, sql: str, *, user: str, password: str, database: str = "") -> str:
        """Run statements through the client and return its output (tab separated, no titles)."""
        options = self.places.work_dir / "client.cnf"
        escaped = password.replace("\\", "\\\\").replace('"', '\\"')
        descriptor = os.open(options, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f'[client]\nuser="{user}"\npassword="{escaped}"\nsocket="{self.places.socket}"\n')
        try:
            answer = subprocess.run(
                [self.places.client, f"--defaults-file={options}", "--default-character-set=utf8mb4", "-N", "-B"]
                + ([database] if database else []),
                input=sql,
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=STATEMENT_SECONDS,
                check=False,
            )
        finally:
            options.unlink(missing_ok=True)
        if answer.returncode != 0:
            raise InitialisationFailed("statement_failed", _find_error(answer.stderr))
        return answer.stdout


def _find_error(text: str) -> str:
    # The client repeats the statement, which may hold a password: of its text only the error's number goes on.
    match = re.search(r"^ERROR \d+ \(\w+\)( at line \d+)?", text, re.MULTILINE)
    return match.group() if match else "the client failed without an error number"
