"""A private MariaDB server for tests: own directory, socket and port, gone when its owner is gone."""

import ctypes
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymysql

START_SECONDS = 180
STOP_SECONDS = 120
PR_SET_PDEATHSIG = 1
DATABASES = ("civicrm", "drupal", "civilog")
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Make the kernel kill this process when the test process dies, however it dies (prctl(2)); and let it hear Ctrl-C,
    which what runs in the background of a shell is told to ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def find_free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run_as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


def _make_template() -> Path:
    """An empty data directory made once per machine and server version; later servers copy it."""
    text = subprocess.run(["mariadbd", "--version"], check=True, capture_output=True, text=True, timeout=180)
    version = "".join(c if c.isalnum() else "-" for c in text.stdout.split("Ver ")[-1].split(" ")[0])
    home = Path(tempfile.gettempdir()) / f"civiparoisse-test-template-{os.geteuid()}-{version}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_uid != os.geteuid():
        raise RuntimeError(f"{home} belongs to another user")
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "data").exists():
            shutil.rmtree(home / "new", ignore_errors=True)
            command = ["mariadb-install-db", "--no-defaults", *_run_as_root(), f"--datadir={home / 'new'}"]
            options = ["--force", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
            places = ["--innodb-log-file-size=8M", f"--tmpdir={home}"]
            subprocess.run([*command, *options, *places], check=True, capture_output=True, timeout=120)
            (home / "new").rename(home / "data")
    return home / "data"


class MariaDbServer:
    """One mariadbd. `start()` returns when it answers; root has no password, by the socket only."""

    host = "127.0.0.1"

    def __init__(self, *, options: Sequence[str] = ()) -> None:
        """`options` are added to the server's command line, as `--lower-case-table-names=1`."""
        self.home = Path(tempfile.mkdtemp(prefix="cpdb-"))
        self.home.chmod(0o700)
        self.datadir = self.home / "data"
        # Its own: a server that starts removes every temporary table below its tmpdir, also those of others at work.
        self.tmpdir = self.home / "tmp"
        self.tmpdir.mkdir()
        self.socket = self.home / "s"
        self.port = 0
        self.options = tuple(options)
        self.process: subprocess.Popen[bytes] | None = None
        shutil.copytree(_make_template(), self.datadir)

    def start(self) -> None:
        """Start and wait; another port is tried when somebody took ours meanwhile."""
        for attempt in range(3):
            self.port = find_free_port()
            with (self.home / "log").open("ab") as log:
                self.process = subprocess.Popen(
                    self._make_command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    preexec_fn=die_with_parent,
                    start_new_session=True,
                )
            if self._wait_until_ready():
                return
            self.kill()
            if attempt == 2:
                raise RuntimeError("mariadbd did not start:\n" + (self.home / "log").read_text()[-3000:])

    def _make_command(self) -> list[str]:
        return [
            "mariadbd",
            "--no-defaults",
            *_run_as_root(),
            f"--datadir={self.datadir}",
            f"--tmpdir={self.tmpdir}",
            f"--socket={self.socket}",
            f"--pid-file={self.home / 'pid'}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--performance-schema=OFF",
            "--innodb-buffer-pool-size=32M",
            "--innodb-log-file-size=8M",
            "--innodb-flush-log-at-trx-commit=0",
            "--skip-innodb-doublewrite",
            "--aria-pagecache-buffer-size=8M",
            "--key-buffer-size=8M",
            "--skip-name-resolve",
            "--character-set-server=utf8mb4",
            "--max-allowed-packet=1G",
            "--event-scheduler=OFF",
            *self.options,
        ]

    def _wait_until_ready(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process is not None and self.process.poll() is None:
            try:
                # A plain socket first: pymysql leaks its own when nobody listens.
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(str(self.socket))
                self.connect().close()
            except (OSError, pymysql.OperationalError):
                time.sleep(0.05)
            else:
                return True
        return False

    def connect(self, *, user: str = "root", password: str = "", database: str | None = None) -> Any:
        """A pymysql connection (autocommit): root by the socket, any other account by TCP.

        The password goes as UTF-8 bytes: pymysql encodes text as Latin-1, unlike every other client."""
        way: dict[str, Any] = {"host": self.host, "port": self.port}
        if user == "root":
            way = {"unix_socket": str(self.socket)}
        return pymysql.connect(
            user=user,
            password=password.encode(),
            database=database,
            charset="utf8mb4",
            autocommit=True,
            **way,
        )

    def execute(self, *statements: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Run statements as root, one by one; return the rows of the last."""
        connection = self.connect(database=database)
        try:
            with connection.cursor() as cursor:
                rows: Sequence[tuple[Any, ...]] = ()
                for statement in statements:
                    cursor.execute(statement)
                    rows = cursor.fetchall()
                return list(rows)
        finally:
            connection.close()

    def reset(self, *, password: str) -> None:
        """Make the three databases anew and empty, and the account exploitant@'%' with ALL on those only.

        Every other account but root's is dropped, so that tests do not see each other's."""
        names = [row[0] for row in self.execute("SHOW DATABASES")]
        kept = {"information_schema", "mysql", "performance_schema", "sys"}
        drops = (f"DROP DATABASE `{name.replace('`', '``')}`" for name in names if name not in kept)
        self.execute("SET SESSION foreign_key_checks=0", *drops)
        accounts = self.execute("SELECT user, host FROM mysql.global_priv WHERE user NOT IN ('root','mariadb.sys')")
        self.execute(*(f"DROP USER IF EXISTS `{user}`@`{host}`" for user, host in accounts if host))
        self.execute(*(f"DROP ROLE IF EXISTS `{user}`" for user, host in accounts if not host))
        collation = "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
        self.execute(*(f"CREATE DATABASE {name} {collation}" for name in DATABASES))
        self.execute(f"CREATE USER exploitant@'%' IDENTIFIED BY '{password}'")
        self.execute(*(f"GRANT ALL ON {name}.* TO exploitant@'%'" for name in DATABASES))

    def kill(self) -> None:
        """kill -9, as a crash."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(STOP_SECONDS)
            self.process = None

    def stop(self) -> None:
        """Stop it and remove its directory; may be repeated."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None
        shutil.rmtree(self.home, ignore_errors=True)


def make_password() -> str:
    """A password with the characters that quoting gets wrong, and never the same twice."""
    return 'p#"\\;= $`é' + secrets.token_hex(8)
