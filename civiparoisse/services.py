"""Start, watch and stop the manager's own processes on one machine without systemd: web, worker, beat.

`python -m civiparoisse.services start|stop|status|foreground` (in a checkout: scripts/services.py).

`start` leaves a keeper behind that starts again what dies, at once and then ever later, and what lives without working.
A service is recognised by the mark in its environment (engine/local/processes.py): no pid file to go stale, never
another checkout's process. `start` and `status` end with 1 and say why when something is wrong.
"""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from civiparoisse.env import read_integer
from civiparoisse.places import BASE_DIR, STATE_DIR
from engine.local.launcher import MARKER_VARIABLE
from engine.local.processes import Process, find_processes, kill_all, send_signal, wait_for_end

FIRST_WEB_PORT = read_integer("CIVIPAROISSE_WEB_PORT", default=8800, minimum=1024, maximum=65000)
SILENCE_SECONDS = read_integer("CIVIPAROISSE_SILENCE_SECONDS", default=120, minimum=5, maximum=86400)
START_SECONDS = 90
STOP_SECONDS = 20.0
# How often the keeper looks, and how often it asks whether all works.
LOOK_SECONDS, ASK_SECONDS = 1.0, 15.0
# What keeps dying is started again after this long at most; what ran for as long begins anew.
LONGEST_PAUSE_SECONDS = 60.0
LOG_LINES = 5
NAMES = ("web", "worker", "beat")
KEEPER = "keeper"
# What readyz answers -> the service that a new start may cure.
CURES = {"workers_silent": "worker", "clock_silent": "beat"}
FOLDER = STATE_DIR / "services"


def say(text: str) -> None:
    """Tell a person, or the keeper's log."""
    print(text, flush=True)  # noqa: T201 - what a person reads, or the keeper's log


def make_mark(name: str) -> str:
    """Return the mark of one service of this checkout."""
    return f"{FOLDER}/{name}"


def make_command(name: str, *, port: int) -> list[str]:
    """Return the command line of a service."""
    if name == KEEPER:
        return [sys.executable, "-m", "civiparoisse.services", "keep"]
    address = ["--address", f"127.0.0.1:{port}"] if name == "web" else []
    return [sys.executable, "-m", "civiparoisse", "serve", name, *address]


@contextmanager
def hold_lock() -> Iterator[None]:
    """Let one process at a time start or stop services."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
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
    try:
        return int((FOLDER / "port").read_text())
    except (FileNotFoundError, ValueError):  # never written, or cut short by a full disk
        return FIRST_WEB_PORT


def start(name: str) -> "subprocess.Popen[bytes]":
    """Start one service that does not run; return its process."""
    port = read_port()
    if name == "web":
        port = find_free_port(port)
        (FOLDER / "port").write_text(str(port))
    with (FOLDER / f"{name}.log").open("a") as log:
        # The lock's descriptor is not inherited (close_fds): a service never holds the starter's lock.
        return subprocess.Popen(
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


def list_running() -> set[str]:
    """Return the names of the services, keeper included, that have a process: one look at all processes."""
    return {Path(mark).name for mark in find_processes(str(FOLDER)).values()}


@dataclass(slots=True)
class Turn:
    """When a service was last started (monotonic), and how long to wait before it is started again."""

    started_at: float = float("-inf")
    pause: float = 0.0

    def is_due(self, now: float) -> bool:
        """Return whether a service that does not run may be started."""
        return now >= self.started_at + self.pause

    def begin(self, now: float) -> None:
        """Note a start: the next pause is twice as long, unless it ran well before this one."""
        ran_well = now - self.started_at > LONGEST_PAUSE_SECONDS
        self.pause = 1.0 if ran_well else min(LONGEST_PAUSE_SECONDS, max(1.0, self.pause * 2))
        self.started_at = now


def keep() -> None:
    """Start what does not run, and again what lives without working, until this process is stopped."""
    with (FOLDER / "keeper.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # another one keeps already
        turns = {name: Turn() for name in NAMES}
        children: list[subprocess.Popen[bytes]] = []
        asked_at = time.monotonic()
        while True:
            with hold_lock():
                children = start_missing(turns, [child for child in children if child.poll() is None])
            if time.monotonic() - asked_at > ASK_SECONDS:
                asked_at = time.monotonic()
                cure(read_unreadiness(), turns)
            time.sleep(LOOK_SECONDS)  # between two looks


def start_missing(turns: dict[str, Turn], children: list[subprocess.Popen[bytes]]) -> list[subprocess.Popen[bytes]]:
    """Start the services that do not run and whose turn it is; return all children."""
    running, now = list_running(), time.monotonic()
    for name, turn in turns.items():
        if name not in running and turn.is_due(now):
            turn.begin(now)
            say(f"{time.strftime('%F %T')} {name} does not run: started")
            children.append(start(name))
    return children


def cure(reason: str, turns: dict[str, Turn]) -> None:
    """Kill the service that lives and does not work, unless it was just started; the next look starts it again."""
    name = CURES.get(reason) or ("web" if reason == "unreachable" else "")
    if name and time.monotonic() - turns[name].started_at > SILENCE_SECONDS + ASK_SECONDS:
        say(f"{time.strftime('%F %T')} {name} lives and does not work ({reason}): killed")
        kill_all(lambda: find_processes(make_mark(name)), name)


def read_unreadiness() -> str:
    """Return what /readyz says is wrong, "" when nothing is, `unreachable` when the web service does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{read_port()}/readyz", timeout=10):
            return ""
    except urllib.error.HTTPError as error:
        try:
            return str(json.loads(error.read())["reason"])
        except (ValueError, KeyError, OSError):
            return "unreachable"
    except OSError:
        return "unreachable"


def wait_for_all() -> str:
    """Wait until all services run and work; return the address of the pages. Raise SystemExit with what is wrong."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        missing = [name for name in (*NAMES, KEEPER) if name not in list_running()]
        reason = "" if missing else read_unreadiness()
        if not missing and not reason:
            return f"http://127.0.0.1:{read_port()}/"
        if reason and reason != "unreachable" and reason not in CURES:
            break  # a full disk, a broker that is none: no waiting helps
        time.sleep(0.2)  # between two looks, not instead of one
    raise SystemExit(describe_trouble(missing, reason))


def describe_trouble(missing: list[str], reason: str) -> str:
    """Return which services do not run, with the end of their logs, or what the manager says is wrong."""
    lines = []
    for name in missing or [name for name in (CURES.get(reason, ""),) if name]:
        log = FOLDER / f"{name}.log"
        words = log.read_text(errors="replace").splitlines()[-LOG_LINES:] if log.exists() else []
        lines += [
            f"{name} does not {'run' if missing else 'work'}; the end of {log}:",
            *(f"  {word}" for word in words),
        ]
    if reason:
        lines.append(f"The manager is not ready: {reason}. `manage.py manager_check` says more.")
    return "\n".join(lines)


def start_all() -> str:
    """Start what does not run yet, and its keeper; return the address of the web service once all works."""
    with hold_lock():
        if KEEPER not in list_running():
            start(KEEPER)
    return wait_for_all()


def stop_all() -> None:
    """Stop every service of this checkout, its keeper first."""
    with hold_lock():
        for name in (KEEPER, *reversed(NAMES)):
            stop(name)


def run_foreground() -> None:
    """Serve until Ctrl-C or SIGTERM, then stop what was started. What cannot start is stopped again."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        say(f"Serving at {start_all()} - logs in {FOLDER} - Ctrl-C stops.")
        while True:
            with hold_lock():
                if KEEPER not in list_running():
                    start(KEEPER)
            time.sleep(LOOK_SECONDS)  # between two looks at the keeper
    except KeyboardInterrupt:
        pass
    finally:
        stop_all()


def show_status() -> None:
    """Print one line a service, then what the manager says of itself. Raise SystemExit(1) when something is wrong."""
    running = list_running()
    for name in (*NAMES, KEEPER):
        say(f"{name}: {'running' if name in running else 'stopped'}")
    check = subprocess.run([sys.executable, "-m", "civiparoisse", "manager_check"], cwd=BASE_DIR, check=False)
    if check.returncode >= 2 or not running.issuperset((*NAMES, KEEPER)):
        raise SystemExit(1)


def main() -> None:
    """Do what the command line says. Raise SystemExit with what it may say, or with what is wrong."""
    actions = {"start": start_all, "stop": stop_all, "status": show_status, "foreground": run_foreground, "keep": keep}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        raise SystemExit(__doc__)
    actions[sys.argv[1]]()


if __name__ == "__main__":
    main()
