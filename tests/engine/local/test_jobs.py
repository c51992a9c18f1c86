"""What a run's files say, also when a program or its killer left them half written; no secret gets out."""

import json
import os
import signal
from pathlib import Path

import pytest

from domain.specs import JobPhase, JobProgram, JobStatus
from engine.local.accounts import get_account
from engine.local.jobs import KEPT_JOBS, prune_jobs, read_status
from engine.local.launcher import read_boot_id, read_stat
from engine.local.layout import Layout, ensure_directories, make_layout
from engine.local.processes import find_processes
from tests.engine.local.conftest import RunningParish
from tests.local_engines import make_job, run_to_end, wait_until

JOB = make_job("backup-1", JobProgram.BACKUP)
OK = json.dumps({"ok": True, "rows": 3})
FAILED = json.dumps({"ok": False, "error": {"code": "no_space"}})


def write_run(
    root: Path, *, alive: bool = False, result: str = "", ended: int | None = None, late: bool = False
) -> Layout:
    """Write the files of a run as a supervisor and a program would."""
    layout = make_layout(root, "saint-paul")
    ensure_directories(layout, get_account("www-data"))
    directory = layout.job(JOB.name)
    directory.mkdir(exist_ok=True)
    start = read_stat(os.getpid())[2] if alive else 1
    record = {"pid": os.getpid(), "start_time": start, "boot_id": read_boot_id(), "limits": "", "fingerprint": ""}
    (directory / "record.json").write_text(json.dumps({**record, "started_at": "2026-11-21T08:00:00+00:00"}))
    (directory / "result.json").write_text(result)
    (directory / "stdout").write_text('noise\n{"progress": 40, "message": "dumping"}\n{"progress": 1')
    (directory / "stderr").write_text("a line\n")
    if ended is not None:
        content = {"exit_code": ended, "deadline_exceeded": late, "ended_at": "2026-11-21T08:01:00+00:00"}
        (directory / "ended.json").write_text(json.dumps(content))
    return layout


def read(layout: Layout) -> JobStatus:
    status = read_status(layout, JOB, ())
    assert status is not None
    return status


@pytest.mark.parametrize(
    ("alive", "result", "ended", "phase"),
    [
        (True, "", None, JobPhase.RUNNING),
        (True, OK, None, JobPhase.RUNNING),
        (True, OK, 0, JobPhase.SUCCEEDED),
        (False, OK, 0, JobPhase.SUCCEEDED),
        (False, OK, None, JobPhase.SUCCEEDED),
        (False, OK, 1, JobPhase.LOST),
        (False, OK, -9, JobPhase.LOST),
        (False, FAILED, 1, JobPhase.FAILED),
        (False, FAILED, None, JobPhase.FAILED),
        (False, "", 0, JobPhase.LOST),
        (False, "", -9, JobPhase.LOST),
        (False, "", None, JobPhase.LOST),
        (False, OK[:-4], None, JobPhase.LOST),
        (False, "[1]", 0, JobPhase.LOST),
        (False, '{"ok": 1}', 0, JobPhase.LOST),
        (False, "[" * 60000, 0, JobPhase.LOST),
        (False, "\x00" * 100, 0, JobPhase.LOST),
    ],
)
def test_the_files_decide_the_phase(
    tmp_path: Path, *, alive: bool, result: str, ended: int | None, phase: JobPhase
) -> None:
    status = read(write_run(tmp_path, alive=alive, result=result, ended=ended))
    assert status.phase is phase
    assert (status.ended_at is None) == (phase is JobPhase.RUNNING)
    assert (status.result is not None) == (phase in (JobPhase.SUCCEEDED, JobPhase.FAILED))


def test_progress_is_the_last_whole_line(tmp_path: Path) -> None:
    status = read(write_run(tmp_path, alive=True))
    assert (status.progress, status.message, status.log_tail) == (40, "dumping", "a line\n")


def test_the_deadline_wins_over_what_the_program_said(tmp_path: Path) -> None:
    status = read(write_run(tmp_path, result=FAILED, ended=1, late=True))
    assert status.phase is JobPhase.FAILED
    assert status.result is not None and status.result["error"]["code"] == "deadline_exceeded"


def test_a_run_that_never_started_has_no_status(tmp_path: Path) -> None:
    assert read_status(make_layout(tmp_path, "saint-paul"), JOB, ()) is None


def test_old_runs_are_removed_and_running_ones_kept(tmp_path: Path) -> None:
    layout = write_run(tmp_path, alive=True)
    os.utime(layout.job(JOB.name), (0, 0))
    for number in range(KEPT_JOBS + 5):
        layout.job(f"cron-{number}").mkdir()
        os.utime(layout.job(f"cron-{number}"), (number + 1, number + 1))
    prune_jobs(layout)
    left = {path.name for path in layout.path("jobs").iterdir()}
    assert left == {JOB.name} | {f"cron-{number}" for number in range(5, KEPT_JOBS + 5)}


def test_a_killed_run_is_lost_leaves_nothing_and_is_never_started_again(parish: RunningParish) -> None:
    engine, spec = parish.engine, parish.spec
    layout = make_layout(engine.root, "saint-paul")
    job = make_job("cron-killed", JobProgram.CRON)
    # php waits for the answer of a stopped database server
    database = next(p for p, mark in find_processes(str(layout.directory)).items() if mark.endswith("/db"))
    os.kill(database.pid, signal.SIGSTOP)
    try:
        engine.run_job(spec, job)
        mark = layout.mark("jobs/cron-killed")
        wait_until(lambda: len(find_processes(mark)) == 2, "supervisor and program run")
        for process in find_processes(mark):
            os.kill(process.pid, signal.SIGKILL)
        assert run_to_end(engine, spec, job).phase is JobPhase.LOST
        assert find_processes(mark) == {}
    finally:
        os.kill(database.pid, signal.SIGCONT)
    assert engine.run_job(spec, job).phase is JobPhase.LOST
    assert run_to_end(engine, spec, make_job("cron-after", JobProgram.CRON)).phase is JobPhase.SUCCEEDED
