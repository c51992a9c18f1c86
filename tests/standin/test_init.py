"""Killed at random moments, init never leaves an instance that looks whole, and the next one starts anew.

The story is in docs/traps.md#half-failed-init.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from standin.init import MARKER, empty
from tests.servers import die_with_parent
from tests.standin.site import make_environment

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("RANDOM_POINTS", "4"))
RUN_SECONDS = 300


def start_init(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "standin.init"],
        cwd=ROOT,
        env=environment | {"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,
        start_new_session=True,
    )


def run_init(environment: dict[str, str]) -> tuple[int, dict[str, Any]]:
    with start_init(environment) as process:
        code = process.wait(timeout=RUN_SECONDS)
    return code, json.loads(Path(environment["RESULT_FILE"]).read_text())


def test_killed_at_random_moments_it_starts_again_from_zero(tmp_path: Path) -> None:
    environment = make_environment(tmp_path)
    (tmp_path / "db" / "lost+found").mkdir()  # docs/traps.md#lostfound
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown by pytest when the test fails
    moments = random.Random(seed)
    for _ in range(KILLS):
        with start_init(environment) as process:
            time.sleep(moments.uniform(0.05, 1.2))  # the moment of the kill, not a condition
            os.killpg(process.pid, signal.SIGKILL)
        if (tmp_path / "db" / MARKER).exists():
            assert json.loads((tmp_path / "db" / MARKER).read_text())["tables"]["civicrm"] == 13
            break
    code, result = run_init(environment)
    assert (code, result["ok"]) == (0, True), result
    assert (tmp_path / "db" / "lost+found").is_dir()
    assert not (tmp_path / "db" / "data.partial").exists()
    content = (tmp_path / "db" / "data" / "ibdata1").stat().st_mtime_ns
    code, result = run_init(environment)
    assert (code, result) == (0, {"ok": True, "already": True})
    assert (tmp_path / "db" / "data" / "ibdata1").stat().st_mtime_ns == content


def test_an_initialised_volume_that_lost_something_is_never_wiped(tmp_path: Path) -> None:
    environment = make_environment(tmp_path)
    (tmp_path / "db" / MARKER).write_text("{}")
    (tmp_path / "db" / "data").mkdir()
    (tmp_path / "db" / "data" / "precious").write_text("kept")
    code, result = run_init(environment)
    assert (code, result["error"]["code"]) == (1, "instance_damaged")
    assert (tmp_path / "db" / "data" / "precious").read_text() == "kept"


def test_a_wrong_environment_ends_with_2(tmp_path: Path) -> None:
    environment = make_environment(tmp_path) | {"SITE_HOST": "not a host"}
    with start_init(environment) as process:
        assert process.wait(timeout=RUN_SECONDS) == 2


def test_a_server_that_fails_is_reported(tmp_path: Path) -> None:
    environment = make_environment(tmp_path) | {"DB_INSTALL": "/bin/false"}
    code, result = run_init(environment)
    assert (code, result["error"]["code"]) == (1, "data_directory_failed")
    assert not (tmp_path / "db" / MARKER).exists()


def test_emptying_follows_no_link(tmp_path: Path) -> None:
    outside, volume = tmp_path / "outside", tmp_path / "volume"
    for path in (outside, volume, volume / "lost+found", volume / "deep"):
        path.mkdir()
    (outside / "kept").write_text("kept")
    (volume / "link").symlink_to(outside)
    empty(volume)
    assert os.listdir(volume) == ["lost+found"]
    assert (outside / "kept").exists()
