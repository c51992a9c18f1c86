"""Starts and stops the demo's mail catcher (demo_mail.py) beside the manager's services, and tells them of it."""

import os
import subprocess
import sys
import time
from pathlib import Path

from demo_mail import HOST, read_ports

from civiparoisse import services
from engine.local.launcher import MARKER_VARIABLE

NAME = "mail"
START_SECONDS = 60.0


def start_catcher() -> dict[str, str]:
    """Have the catcher run; return the variables with which the manager sends all its mail there, and writes links that
    lead back. Raise SystemExit when it does not start."""
    services.FOLDER.mkdir(parents=True, exist_ok=True)
    file = services.FOLDER / "mail.json"
    if NAME not in services.list_running():
        before = file.stat().st_mtime_ns if file.exists() else 0
        _start(file)
        deadline = time.monotonic() + START_SECONDS
        while not file.exists() or file.stat().st_mtime_ns == before:
            if time.monotonic() > deadline:
                raise SystemExit(f"The demo's mail catcher does not start: {services.FOLDER / 'mail.log'} says why.")
            time.sleep(0.1)  # between two looks, not instead of one
    web = services.read_port() if "web" in services.list_running() else services.find_free_port(services.read_port())
    return {
        "CIVIPAROISSE_MAIL_HOST": HOST,
        "CIVIPAROISSE_MAIL_PORT": str(read_ports(file)[0]),
        "CIVIPAROISSE_MAIL_SECURITY": "none",
        "CIVIPAROISSE_PUBLIC_URL": os.environ.get("CIVIPAROISSE_PUBLIC_URL") or f"http://127.0.0.1:{web}",
    }


def _start(file: Path) -> None:
    with (services.FOLDER / "mail.log").open("a") as log:
        subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "demo_mail.py"), str(file)],
            env=os.environ | {MARKER_VARIABLE: services.make_mark(NAME), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def stop_catcher() -> None:
    """End the catcher, and with it the mails that it took."""
    services.stop(NAME)


def get_page_address() -> str:
    """Return the address of the page with the mails; "" while no catcher runs."""
    port = read_ports(services.FOLDER / "mail.json")[1]
    return f"http://{HOST}:{port}/" if port and NAME in services.list_running() else ""
