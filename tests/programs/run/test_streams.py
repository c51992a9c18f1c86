"""programs.run.streams: every exit code is seen, nothing outlives the program, nothing hangs for ever."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from programs.run.failures import ProgramError
from programs.run.streams import Child, Hashing, Watchdog, make_child_environment, run_command
from tests.programs.workspace import ROOT, is_alive, list_descendants, wait_until
from tests.servers import die_with_parent


def test_the_output_of_a_command_is_returned() -> None:
    assert run_command(["cat"], timeout_seconds=20, data=b"given") == b"given"


def test_an_output_larger_than_a_pipe_is_returned_whole_and_one_that_hangs_is_killed() -> None:
    assert len(run_command(["head", "-c", "5000000", "/dev/zero"], timeout_seconds=60)) == 5_000_000
    with pytest.raises(ProgramError) as caught:
        run_command(["sh", "-c", "echo some; exec sleep 60"], timeout_seconds=0.3)
    assert caught.value.retryable


def test_a_failed_command_says_how_and_what() -> None:
    with pytest.raises(ProgramError) as caught:
        run_command(["sh", "-c", "echo broken >&2; exit 3"], timeout_seconds=120)
    assert caught.value.code == "stage_failed" and not caught.value.retryable
    assert caught.value.params == {"program": "sh", "exit": 3} and "broken" in caught.value.message


def test_a_killed_command_may_be_tried_again() -> None:
    with pytest.raises(ProgramError) as caught:
        run_command(["sh", "-c", "kill -9 $$"], timeout_seconds=120)
    assert caught.value.retryable and caught.value.params["exit"] == -signal.SIGKILL


def test_a_command_that_does_not_end_is_stopped() -> None:
    started = time.monotonic()
    with pytest.raises(ProgramError) as caught:
        run_command(["sleep", "60"], timeout_seconds=0.2)
    assert caught.value.retryable and "no progress" in caught.value.message
    assert time.monotonic() - started < 20


def test_the_end_of_a_command_is_seen_when_it_comes_and_may_be_asked_twice() -> None:
    with Child(["cat"], stdin=subprocess.PIPE) as child:
        assert child.process.stdin is not None
        waits: list[float] = []
        for _ in range(20):
            with Child(["true"]) as short:
                began = time.perf_counter()
                assert short.wait(timeout_seconds=120) == 0
                waits.append(time.perf_counter() - began)
                assert short.wait(timeout_seconds=120) == 0
        child.process.stdin.close()
        assert child.wait(timeout_seconds=120) == 0
    assert min(waits) < 0.02, waits  # Popen.wait sleeps up to 0.05 s


def test_a_missing_program_is_named() -> None:
    with pytest.raises(ProgramError) as caught:
        run_command(["no-such-program"], timeout_seconds=120)
    assert caught.value.code == "program_missing"


def test_a_stalled_child_is_killed_and_a_moving_one_is_not() -> None:
    with Child(["sleep", "60"]) as child, Watchdog(child, stall_seconds=0.3):
        assert child.wait(timeout_seconds=120) == -signal.SIGKILL
        assert child.stalled and child.make_failure(-9).retryable
    with Child(["sleep", "1"]) as child, Watchdog(child, stall_seconds=0.5) as watchdog:
        while child.process.poll() is None:
            watchdog.touch()
            time.sleep(0.02)
        assert child.process.returncode == 0


def test_an_error_is_told_from_where_it_begins_however_much_it_quotes() -> None:
    script = "printf 'a warning\\nERROR 1064 (42000) at line 3: near\\nx\\ny\\nz\\n' >&2; exit 1"
    with Child(["sh", "-c", script]) as child:
        message = child.make_failure(child.wait(timeout_seconds=120)).message
    assert message == "sh failed: exit code 1: ERROR 1064 (42000) at line 3: near | x | y"


def test_children_see_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD_FILE", "/x")
    monkeypatch.setenv("MYSQL_PWD", "secret")
    assert set(make_child_environment()) == {"PATH", "LC_ALL", "HOME", "TZ"}
    assert b"secret" not in run_command(["env"], timeout_seconds=120)


def test_children_die_when_the_program_is_killed() -> None:
    text = "from programs.run.streams import Child; import time; c = Child(['sleep', '300']); time.sleep(300)"
    parent = subprocess.Popen([sys.executable, "-c", text], cwd=ROOT, preexec_fn=die_with_parent)
    children = wait_until(lambda: [p for p in list_descendants(parent.pid) if read_name(p) == "sleep"])
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(20)
    wait_until(lambda: not any(is_alive(pid) for pid in children))


def read_name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def test_hashing_counts_what_it_hashes() -> None:
    hashing = Hashing()
    for part in (b"ab", b"", memoryview(b"c")):
        hashing.update(part)
    assert (hashing.bytes, hashing.hexdigest()) == (3, hashlib.sha256(b"abc").hexdigest())
