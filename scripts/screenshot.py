"""Take the README's pictures of a running manager: `make demo`, then `make screenshot`. Writes docs/images/.

Drives a headless Chromium through chromedriver's own HTTP interface (W3C WebDriver); a session is opened for the first
active administrator, so that no password is read or typed. Nothing is changed but that session, which is deleted.
"""

import base64
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civiparoisse.settings")
django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore

from civiparoisse import services
from domain.states import OperationKind, OperationState
from operations.models import Operation

PLACE = ROOT / "docs" / "images"
WIDTH, LOWEST_HEIGHT, TALLEST_HEIGHT = 1280, 720, 2000
START_SECONDS, CALL_SECONDS, LOAD_SECONDS = 20, 60, 15
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that the WebDriver standard gives element references
BACKEND = "django.contrib.auth.backends.ModelBackend"


class Browser:
    """One window of a headless Chromium, driven by chromedriver."""

    def __init__(self, driver: str, profile: str) -> None:
        self.driver = driver
        flags = ["--headless=new", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        flags += ["--disable-sync", "--no-first-run", "--hide-scrollbars", "--lang=fr-FR", "--accept-lang=fr-FR"]
        flags += ["--disable-dev-shm-usage", f"--user-data-dir={profile}", f"--window-size={WIDTH},800"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium refuses to start as root with it
        options = {"args": flags, "prefs": {"intl.accept_languages": "fr-FR"}}
        wanted = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}}
        self.session = ""
        self.session = self.call("POST", "/session", wanted)["sessionId"]

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send one WebDriver command and return its value. Raise SystemExit with what the browser said."""
        address = f"{self.driver}/session/{self.session}{path}" if self.session else f"{self.driver}{path}"
        text = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            address, data=text, method=method, headers={"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise SystemExit(f"The browser refused {path}: {json.load(error)['value'].get('message', '')}") from error

    def run(self, script: str) -> Any:
        """Return the value of a piece of JavaScript."""
        return self.call("POST", "/execute/sync", {"script": script, "args": []})

    def open(self, address: str) -> None:
        """Open a page and wait until it and its fonts are there. Raise SystemExit at the deadline."""
        # A page is at least as high as its window: begin low.
        self.call("POST", "/window/rect", {"width": WIDTH, "height": LOWEST_HEIGHT})
        self.call("POST", "/url", {"url": address})
        deadline = time.monotonic() + LOAD_SECONDS
        ready = "return document.readyState === 'complete' && document.fonts.status === 'loaded' && !!window.Alpine"
        while not self.run(ready):
            if time.monotonic() > deadline:
                raise SystemExit(f"{address} was not complete within {LOAD_SECONDS} seconds.")
            time.sleep(0.1)  # between two looks, not instead of one

    def take_picture(self, path: Path) -> None:
        """Write a PNG of the whole page, as high as its contents."""
        height = self.run("return document.documentElement.scrollHeight")
        height = min(max(height, LOWEST_HEIGHT), TALLEST_HEIGHT)
        chrome = self.run("return window.outerHeight - window.innerHeight")
        self.call("POST", "/window/rect", {"width": WIDTH, "height": height + chrome})
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".png.partial")
        partial.write_bytes(base64.b64decode(self.call("GET", "/screenshot")))
        partial.replace(path)

    def close(self) -> None:
        """End the browser."""
        self.call("DELETE", "")


@contextmanager
def run_browser() -> Iterator[Browser]:
    """Run chromedriver and a Chromium with a profile of its own; both end with the block."""
    with tempfile.TemporaryDirectory(prefix="cp-pictures-") as profile:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = subprocess.Popen(["chromedriver", f"--port={port}", "--silent"], stdout=subprocess.DEVNULL)
        try:
            driver = f"http://127.0.0.1:{port}"
            _wait_for_driver(driver, process)
            browser = Browser(driver, profile)
            try:
                yield browser
            finally:
                browser.close()
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)


def _wait_for_driver(driver: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{driver}/status", timeout=2):
                return
        except OSError:
            time.sleep(0.1)  # between two looks, not instead of one
    raise SystemExit("chromedriver did not start: install Debian's chromium-driver.")


@contextmanager
def open_session() -> Iterator[str]:
    """Give the key of a session of the first active administrator; the session ends with the block."""
    user = get_user_model().objects.filter(is_active=True, is_superuser=True).order_by("pk").first()
    if user is None:
        raise SystemExit("There is no administrator: run `make demo` first.")
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    try:
        yield str(session.session_key)
    finally:
        session.delete()


def list_pages() -> dict[str, str]:
    """Return picture -> path of the pages. Raise SystemExit when there is nothing to show."""
    restored = Operation.objects.filter(kind=OperationKind.RESTORE, state=OperationState.SUCCEEDED.value)
    operation = restored.order_by("-pk").first() or Operation.objects.order_by("-pk").first()
    if operation is None:
        raise SystemExit("Nothing was done yet: run `make demo` first.")
    return {
        "admin-dashboard": "admin/",
        "admin-instances": "admin/tenants/instance/",
        "admin-operation": f"admin/operations/operation/{operation.pk}/change/",
        "admin-finops": "admin/finops/",
    }


def take_pictures(address: str, pages: dict[str, str], place: Path) -> None:
    """Write one picture a page of the manager at `address` into `place`."""
    with open_session() as session, run_browser() as browser:
        browser.open(f"{address}admin/login/")
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "path": "/", "httpOnly": True}
        browser.call("POST", "/cookie", {"cookie": cookie})
        for name, path in pages.items():
            browser.open(f"{address}{path}")
            browser.take_picture(place / f"{name}.png")
            print(place / f"{name}.png")  # noqa: T201 - for a person


if __name__ == "__main__":
    chosen = dict(argument.split("=", 1) for argument in sys.argv[3:])
    if len(sys.argv) > 2:
        take_pictures(sys.argv[1], chosen, Path(sys.argv[2]))
    else:
        take_pictures(services.wait_for_all(), list_pages(), PLACE)
