"""A process is never confused with another that has its pid, nor signalled in its place."""

import dataclasses
import os
import signal
import subprocess
from pathlib import Path

from engine.local.launcher import MARKER_VARIABLE, read_boot_id, read_stat
from engine.local.processes import (
    Process,
    Record,
    find_processes,
    is_alive,
    read_record,
    send_signal,
    wait_for_end,
)
from tests.local_engines import wait_until


def make_process(pid: int) -> Process:
    return Process(pid=pid, start_time=read_stat(pid)[2])


def test_a_reused_pid_is_another_process() -> None:
    with subprocess.Popen(["sleep", "300"]) as other:
        remembered = dataclasses.replace(make_process(other.pid), start_time=make_process(other.pid).start_time - 1)
        assert not is_alive(remembered)
        send_signal(remembered, signal.SIGKILL)
        assert wait_for_end(remembered, 0.0)
        assert other.poll() is None
        send_signal(make_process(other.pid), signal.SIGKILL)
        assert other.wait(timeout=10) == -signal.SIGKILL


def test_a_zombie_is_dead() -> None:
    child = os.posix_spawn("/bin/true", ["true"], {})
    process = make_process(child)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert not is_alive(process)
    assert wait_for_end(process, 0.0)
    os.waitpid(child, 0)


def test_nothing_of_another_boot_is_alive() -> None:
    ourselves = make_process(os.getpid())
    record = Record(process=ourselves, boot_id=read_boot_id(), started_at="", limits="", fingerprint="")
    assert record.is_alive()
    assert not dataclasses.replace(record, boot_id="another").is_alive()


def test_an_absent_record_is_none(tmp_path: Path) -> None:
    assert read_record(tmp_path / "none.json") is None


def test_marks_are_whole_paths() -> None:
    environment = {MARKER_VARIABLE: "/r/instances/saint-paul-sandbox/db"}
    with subprocess.Popen(["sleep", "300"], env=environment) as process:
        found = make_process(process.pid)
        # The kernel shows a new program's environment a moment after it is started.
        wait_until(lambda: found in find_processes("/r/instances"), "its environment is there")
        assert find_processes("/r/instances/saint-paul") == {}
        assert find_processes("/r/instances/saint-paul-sandbox") == {found: "/r/instances/saint-paul-sandbox/db"}
        assert list(find_processes("/r/instances")) == [found]
        process.kill()
