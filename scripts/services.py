"""Start, watch and stop the manager's own processes: web, worker, beat. `services.py start|stop|status|foreground`.

A service is recognised by the mark in its environment (engine/local/processes.py): no pid file to go stale, never
another checkout's process.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from civiparoisse.env import read_integer
from civiparoisse.places import BASE_DIR, STATE_DIR
from engine.local.launcher import MARKER_VARIABLE
from engine.local.processes import Process, find_processes, kill_all, send_signal, wait_for_end

FIRST_WEB_PORT = read_integer("CIVIPAROISSE_WEB_PORT", default=8800, minimum=1024, maximum=65000)
START_SECONDS = 60
STOP_SECONDS = 20.0
NAMES = ("web", "worker", "beat")


def make_mark(name: str) -> str:
    """Return the mark of one service of this checkout."""
    return f"{STATE_DIR}/services/{name}"


def make_command(name: str, *, port: int) -> list[str]:
    """Return the command line of a service."""
    binaries = Path(sys.executable).parent
    celery = [str(binaries / "celery"), "-A", "civiparoisse"]
    commands = {
        "web": [sys.executable, "-m", "civiparoisse.web", f"127.0.0.1:{port}"],
        "worker": [*celery, "worker", "--loglevel", "INFO", "--without-mingle"],
        "beat": [*celery, "beat", "--loglevel", "INFO", "--pidfile", ""],
    }
    return commands[name]


@contextmanager
def hold_lock() -> Iterator[None]:
    """Let one process at a time start or stop services."""
    folder = STATE_DIR / "services"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def find_free_port(first: int) -> int:
    """Return the first port from `first` on that nobody listens on. Raise SystemExit when 100 in a row are taken."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"No free port from {first} to {first + 99}: set CIVIPAROISSE_WEB_PORT.")


def read_port() -> int:
    """Return the port the web service was last started on."""
    path = STATE_DIR / "services" / "port"
    return int(path.read_text()) if path.exists() else FIRST_WEB_PORT


def start(name: str) -> None:
    """Start one service unless it runs."""
    if find_processes(make_mark(name)):
        return
    port = read_port()
    if name == "web":
        port = find_free_port(port)
        (STATE_DIR / "services" / "port").write_text(str(port))
    with (STATE_DIR / "services" / f"{name}.log").open("a") as log:
        # The lock's descriptor is not inherited (close_fds): a service never holds the starter's lock.
        subprocess.Popen(
            make_command(name, port=port),
            cwd=BASE_DIR,
            env=os.environ | {MARKER_VARIABLE: make_mark(name), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def list_leaders(processes: list[Process]) -> list[Process]:
    """Return the processes that lead their session: the service itself, not its children."""
    leaders = []
    for process in processes:
        try:
            if os.getsid(process.pid) == process.pid:
                leaders.append(process)
        except ProcessLookupError:
            continue
    return leaders


def stop(name: str) -> None:
    """Ask a service to end, then kill what is left of it."""
    mark = make_mark(name)
    for process in list_leaders(list(find_processes(mark))):
        send_signal(process, signal.SIGTERM)
        wait_for_end(process, STOP_SECONDS)
    kill_all(lambda: find_processes(mark), name)


def wait_for_web() -> str:
    """Wait until the manager's page answers and return its address. Raise SystemExit with the log's place if not."""
    address = f"http://127.0.0.1:{read_port()}/"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}admin/login/", timeout=5):
                return address
        except OSError:
            if not find_processes(make_mark("web")):
                break
            time.sleep(0.1)  # between two looks, not instead of one
    raise SystemExit(f"The web server did not answer at {address}; its log: {STATE_DIR}/services/web.log")


def start_all() -> str:
    """Start what does not run yet; return the address of the web service."""
    with hold_lock():
        for name in NAMES:
            start(name)
        return wait_for_web()


def stop_all() -> None:
    """Stop every service of this checkout."""
    with hold_lock():
        for name in reversed(NAMES):
            stop(name)


def run_foreground() -> None:
    """Serve until Ctrl-C or SIGTERM, then stop what was started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"Serving at {start_all()} - logs in {STATE_DIR}/services - Ctrl-C stops.")  # noqa: T201 - for a person
    try:
        signal.pause()
    except KeyboardInterrupt:
        stop_all()


def show_status() -> None:
    """Print one line a service."""
    for name in NAMES:
        count = len(find_processes(make_mark(name)))
        print(f"{name}: {'running' if count else 'stopped'}")  # noqa: T201 - for a person


if __name__ == "__main__":
    actions = {"start": start_all, "stop": stop_all, "status": show_status, "foreground": run_foreground}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        raise SystemExit(__doc__)
    actions[sys.argv[1]]()
