"""The services as an operator uses it: real processes that are killed, silenced and kept from starting."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from civiparoisse.services import LONGEST_PAUSE_SECONDS, NAMES, Turn
from engine.local.processes import find_processes
from tests.fleet import wait_until
from tests.gates.source import ROOT
from tests.servers import find_free_port

SECONDS = 180


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """A new installation, with short patience."""
    state = Path(tempfile.mkdtemp(prefix="cps-", dir="/tmp"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CIVIPAROISSE_", "DJANGO_"))}
    variables = kept | {
        "CIVIPAROISSE_STATE_DIR": str(state),
        "CIVIPAROISSE_WEB_PORT": str(find_free_port()),
        "CIVIPAROISSE_SWEEP_SECONDS": "1",
        "CIVIPAROISSE_SILENCE_SECONDS": "30",
        "CIVIPAROISSE_DISK_WARNING_MEBIBYTES": "0",
        "CIVIPAROISSE_NIGHTLY_BACKUPS": "0",
    }
    for arguments in (("-m", "civiparoisse.keys"), ("manage.py", "migrate", "--verbosity", "0")):
        assert run(variables, *arguments).returncode == 0
    run(variables, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    yield variables
    assert services(variables, "stop").returncode == 0
    assert find_processes(str(state)) == {}
    shutil.rmtree(state, ignore_errors=True)


def run(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def services(environment: dict[str, str], action: str) -> "subprocess.CompletedProcess[str]":
    return run(environment, "scripts/services.py", action)


def find(environment: dict[str, str], name: str) -> set[int]:
    return {process.pid for process in find_processes(f"{environment['CIVIPAROISSE_STATE_DIR']}/services/{name}")}


def test_what_dies_is_started_again_and_status_tells_what_is_wrong(environment: dict[str, str]) -> None:
    assert services(environment, "status").returncode == 1
    started = services(environment, "start")
    assert started.returncode == 0, started.stderr
    said = services(environment, "status")
    assert said.returncode == 0, said.stdout
    assert [line.split(":")[1].strip() for line in said.stdout.splitlines()[:4]] == ["running"] * 4
    for name in NAMES:
        (before,) = find(environment, name)
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: find(environment, name) - {before} != set(), seconds=180, what=f"{name} again")  # noqa: B023
    (keeper,) = find(environment, "keeper")
    os.kill(keeper, signal.SIGKILL)
    wait_until(lambda: find(environment, "keeper") == set(), seconds=120, what="it is gone")
    assert services(environment, "start").returncode == 0
    assert len(find(environment, "keeper")) == len(find(environment, "beat")) == 1


def test_a_service_that_lives_and_says_nothing_is_told_and_replaced(environment: dict[str, str]) -> None:
    assert services(environment, "start").returncode == 0
    (worker,) = find(environment, "worker")
    psutil.Process(worker).suspend()
    wait_until(lambda: services(environment, "status").returncode == 1, seconds=300, what="its silence is told")
    wait_until(lambda: worker not in find(environment, "worker"), seconds=300, what="it is replaced")
    wait_until(lambda: services(environment, "status").returncode == 0, seconds=300, what="all works again")


def test_a_start_that_cannot_succeed_says_why_and_ends_with_1(environment: dict[str, str]) -> None:
    broker = Path(environment["CIVIPAROISSE_STATE_DIR"], "broker")
    shutil.rmtree(broker, ignore_errors=True)
    broker.write_text("")
    answer = services(environment, "start")
    assert answer.returncode == 1
    assert "broker_unusable" in answer.stderr
    broker.unlink()
    assert services(environment, "start").returncode == 0, "it goes on by itself"


def test_pauses_between_starts_grow_to_a_minute_and_begin_anew() -> None:
    turn, now, pauses = Turn(), 1000.0, []
    for _ in range(9):
        assert turn.is_due(now)
        turn.begin(now)
        pauses.append(turn.pause)
        assert turn.pause == 0 or not turn.is_due(now + turn.pause - 0.1)
        now += turn.pause
    assert pauses[:4] == [1, 2, 4, 8]
    assert max(pauses) == LONGEST_PAUSE_SECONDS
    turn.begin(now + LONGEST_PAUSE_SECONDS + 1)
    assert turn.pause == 1
