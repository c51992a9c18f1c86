"""Killed between any two instructions, the launcher leaves no unknown process and never two of one name."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.local import launcher
from engine.local.launch import launch
from engine.local.launcher import MARKER_VARIABLE, read_stat
from engine.local.limits import remove_group
from engine.local.processes import Process, find_processes, is_alive, kill_all, read_record
from tests.engine.local.launching import OURSELVES, make_launch
from tests.local_engines import wait_until

SLEEP = "import time; time.sleep(300)"
KILLS = 30


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    kill_all(lambda: find_processes(str(tmp_path)), "test")
    for name in ("server", "job"):
        remove_group(tmp_path, f"saint-paul.{name}")


def test_the_record_names_the_very_process(place: Path) -> None:
    assert launch(make_launch(place, "server", SLEEP), OURSELVES)
    record = read_record(place / "server.json")
    assert record is not None and record.is_alive()
    assert list(find_processes(str(place / "server"))) == [record.process]
    assert os.getsid(record.process.pid) == record.process.pid != os.getsid(0)


def test_a_second_launch_of_a_running_name_does_nothing(place: Path) -> None:
    request = make_launch(place, "server", SLEEP)
    assert launch(request, OURSELVES)
    before = read_record(place / "server.json")
    assert not launch(request, OURSELVES)
    assert read_record(place / "server.json") == before
    assert len(find_processes(str(place))) == 1


def test_the_name_stays_taken_while_an_orphan_of_the_server_lives(place: Path) -> None:
    fork = "import os, time\nif os.fork(): os._exit(0)\ntime.sleep(300)"
    request = make_launch(place, "server", fork)
    assert launch(request, OURSELVES)
    record = read_record(place / "server.json")
    assert record is not None
    wait_until(lambda: not is_alive(record.process), "the parent has ended")
    assert not launch(request, OURSELVES)
    kill_all(lambda: find_processes(str(place)), "test")
    assert launch(request, OURSELVES)


def test_killed_at_random_moments_there_is_never_more_than_one_nor_an_unknown_one(place: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown by pytest when the test fails
    moments = random.Random(seed)
    request = make_launch(place, "server", SLEEP)
    for _ in range(KILLS):
        content = _make_request(place, "server")
        attempt = subprocess.Popen(
            [sys.executable, "-I", "-S", launcher.__file__],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={MARKER_VARIABLE: request.mark},
            text=True,
        )
        assert attempt.stdin is not None
        attempt.stdin.write(content)
        attempt.stdin.close()
        # kill -9 takes no time of its own: the pause chooses the instruction where it falls
        time.sleep(moments.uniform(0, 0.06))
        for process in find_processes(request.mark):
            os.kill(process.pid, signal.SIGKILL)
        attempt.wait(timeout=120)
        alive = find_processes(request.mark)
        record = read_record(request.record)
        assert len(alive) <= 1
        if alive and is_alive(next(iter(alive))):
            wait_until(lambda: _is_known(request.record, place), "the survivor is known or gone")
        kill_all(lambda: find_processes(request.mark), "test")
        assert record is None or record.boot_id
    assert launch(request, OURSELVES)
    record = read_record(request.record)
    assert record is not None
    assert list(find_processes(request.mark)) == [record.process]


def _make_request(place: Path, name: str) -> str:
    request = make_launch(place, name, SLEEP)
    content = {
        "lock": str(request.lock),
        "record": str(request.record),
        "once": False,
        "argv": request.argv,
        "environment": {},
        "directory": str(place),
        "stdout": str(request.stdout),
        "stderr": str(request.stderr),
        "uid": None,
        "gid": None,
        "marker": request.mark,
        "fingerprint": "",
        "cgroup_procs": [],
        "limits": "",
        "no_cgroup_because": "test",
        "data_bytes": 0,
        "deadline_seconds": None,
        "ended": None,
    }
    return json.dumps(content)


def _is_known(path: Path, place: Path) -> bool:
    """Whether every living process is the recorded one, or the launcher on its way to become it."""
    record = read_record(path)
    alive = find_processes(str(place))
    return not alive or (record is not None and record.process in alive)


def test_a_job_is_started_once_for_ever(place: Path) -> None:
    request = make_launch(place, "job", "open('count', 'a').write('x')", deadline_seconds=120)
    assert launch(request, OURSELVES)
    wait_until((place / "job.ended").exists, "the job has ended")
    assert not launch(request, OURSELVES)
    assert (place / "count").read_text() == "x"
    assert json.loads((place / "job.ended").read_text())["exit_code"] == 0


def test_the_deadline_kills_the_whole_tree_although_nobody_watches(place: Path) -> None:
    """The child leaves its session, its process group and its parent, and is found all the same."""
    program = (
        "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(300)\n    os._exit(0)\n"
        "time.sleep(300)"
    )
    assert launch(make_launch(place, "job", program, deadline_seconds=1), OURSELVES)
    wait_until((place / "job.ended").exists, "the job has ended, long before its program would have")
    assert json.loads((place / "job.ended").read_text())["deadline_exceeded"] is True
    wait_until(lambda: not find_processes(str(place)), "nothing is left")


def test_the_program_dies_with_its_supervisor(place: Path) -> None:
    assert launch(make_launch(place, "job", SLEEP, deadline_seconds=300), OURSELVES)
    record = read_record(place / "job.json")
    assert record is not None
    wait_until(lambda: len(find_processes(str(place))) == 2, "supervisor and program run")
    os.kill(record.process.pid, signal.SIGKILL)
    wait_until(lambda: not find_processes(str(place)), "nothing is left")
    assert not (place / "job.ended").exists()


def test_stat_is_read_whatever_the_command_is_called(place: Path) -> None:
    program = place / "a) R 1 (b"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([str(program), "300"]) as process:
        _, parent, start_time = read_stat(process.pid)
        assert parent == os.getpid()
        assert is_alive(Process(pid=process.pid, start_time=start_time))
        process.kill()
