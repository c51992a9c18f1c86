"""programs.run.aside: work in a second process ends as it would have in this one, or dies with it."""

import os
import signal
import subprocess
import sys

import pytest

from programs.run.aside import Aside
from programs.run.failures import ProgramError, report_progress
from programs.run.streams import run_command
from tests.programs.workspace import ROOT, is_alive, list_descendants, wait_until


def fail() -> None:
    raise ProgramError("no_space", "full", hint="more", retryable=True, params={"free": 1})


def sleep_long() -> None:
    run_command(["sleep", "300"], timeout_seconds=600)


def test_what_it_returns_comes_back(capfd: pytest.CaptureFixture[str]) -> None:
    with Aside(lambda: (os.getpid(), b"x" * 1_000_000, report_progress(50, "never seen"))) as work:
        pid, data, _ = work.finish()
    assert pid != os.getpid() and len(data) == 1_000_000 and not is_alive(pid)
    assert capfd.readouterr().out == ""


def test_what_it_raises_is_raised_here_with_all_its_facts() -> None:
    with Aside(fail) as work, pytest.raises(ProgramError) as caught:
        work.finish()
    assert (
        caught.value.as_result()
        == ProgramError("no_space", "full", hint="more", retryable=True, params={"free": 1}).as_result()
    )


@pytest.mark.parametrize("work", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 // 0])
def test_one_that_is_killed_or_has_a_fault_is_no_result(work: object) -> None:
    with Aside(work) as aside, pytest.raises(ProgramError) as caught:  # type: ignore[arg-type, var-annotated]
        aside.finish()
    assert (caught.value.code, caught.value.retryable) == ("stage_failed", True)


def test_leaving_before_its_end_leaves_no_process() -> None:
    before = set(list_descendants(os.getpid()))
    with Aside(sleep_long):
        pids = wait_until(
            lambda: len(set(list_descendants(os.getpid())) - before) == 2 and list_descendants(os.getpid())
        )
    wait_until(lambda: not any(is_alive(pid) for pid in set(pids) - before))


def test_it_dies_with_the_program_that_started_it() -> None:
    text = (
        "from programs.run.aside import Aside; from programs.run.streams import run_command\n"
        "with Aside(lambda: run_command(['sleep', '300'], timeout_seconds=600)) as a: a.finish()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", text], cwd=ROOT)
    pids = wait_until(lambda: len(list_descendants(process.pid)) == 2 and list_descendants(process.pid))
    process.kill()
    process.wait(20)
    wait_until(lambda: not any(is_alive(pid) for pid in pids))
