"""The demo as a newcomer runs it: it proves the main job, again, and stops all that it started."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.local.processes import find_processes
from scripts import demo
from tests.gates.source import ROOT
from tests.local_engines import choose_ports, wait_until

DEMO_SECONDS = 900


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """The environment of a new installation: a state directory of its own, ports nobody else uses."""
    state = Path(tempfile.mkdtemp(prefix="cpd-", dir="/tmp"))
    state.chmod(0o755)
    ports = choose_ports()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CIVIPAROISSE_", "DJANGO_"))}
    yield kept | {
        "CIVIPAROISSE_STATE_DIR": str(state),
        "CIVIPAROISSE_LOCAL_FIRST_PORT": str(ports[0]),
        "CIVIPAROISSE_LOCAL_LAST_PORT": str(ports[-1]),
        "CIVIPAROISSE_WEB_PORT": str(ports[-1] + 1),
    }
    shutil.rmtree(state, ignore_errors=True)


def run(environment: dict[str, str], *arguments: str) -> str:
    """Run one of the project's programs; return what it printed, both streams."""
    answer = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=DEMO_SECONDS
    )
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return answer.stdout + answer.stderr


def read_mails(printed: str) -> str:
    """Return the page with the demo's mails, of which what was printed tells, once one to the parish has come."""
    found = re.search(r"none leaves this machine\): (http://127\.0\.0\.1:\d+/)", printed)
    assert found, printed
    pages = [""]

    def come() -> bool:
        with urllib.request.urlopen(found[1], timeout=60) as answer:
            pages.append(answer.read().decode())
        return "jeanne.weiss@" in pages[-1] and "<a href=" in pages[-1]

    wait_until(come, "a mail to the parish is shown")
    return pages[-1]


def test_the_demo_proves_the_main_job_again_after_a_stop_and_stops_everything(environment: dict[str, str]) -> None:
    state = environment["CIVIPAROISSE_STATE_DIR"]
    run(environment, "-m", "civiparoisse.keys")
    run(environment, "manage.py", "migrate", "--verbosity", "0")
    run(environment, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    try:
        first = run(environment, "scripts/demo.py", "run")
        assert "saint-paul is whole" in first and "sainte-marie was not touched" in first
        assert "saint-paul is as it was saved" in first and "has again what was entered since" in first
        assert "2 backups in 2 waves" in first
        assert first.splitlines()[-1].startswith("demo: ok")
        assert '<a href="http://127.0.0.1:' in read_mails(first), "what the parish is told can be followed"
        running = set(find_processes(state))
        assert len(running) > 5
        run(environment, "scripts/demo.py", "stop")
        assert find_processes(state) == {}
        second = run(environment, "scripts/demo.py", "run")
        assert second.splitlines()[-1].startswith("demo: ok")
        assert "2 backups in 2 waves" in second, "the campaign of the first run holds nothing any more"
        assert "provisioned" not in second, "what exists is used as it is"
        log = "".join(path.read_text() for path in Path(state, "services").glob("*.log"))
        password = Path(state, "keys", "admin_password").read_text().strip()
        assert password and password not in log + first + second
    finally:
        run(environment, "scripts/demo.py", "stop")
    assert find_processes(state) == {}


@pytest.mark.django_db
def test_what_the_manager_begins_between_two_looks_is_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    states = iter(["resuming", "active"])
    monkeypatch.setattr(demo, "run_command", lambda *_words: {"state": next(states)})
    assert demo.read_settled_status("saint-paul") == {"state": "active"}
