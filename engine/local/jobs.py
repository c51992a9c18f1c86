"""Runs of programs: <instance>/jobs/<name>/{spec.json, record.json, stdout, stderr, result.json, ended.json, work}."""

import json
import os
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.specs import InstanceSpec, JobPhase, JobSpec, JobStatus
from engine.local.accounts import Account, give
from engine.local.job_environment import (
    CONTAINERS,
    SECRETS,
    STANDIN_SERVERS,
    ensure_job_image,
    make_job_command,
    make_job_environment,
)
from engine.local.launch import Launch, launch
from engine.local.layout import Layout, make_layout
from engine.local.limits import list_groups, list_members, remove_group
from engine.local.own_accounts import lend_set
from engine.local.processes import Record, read_record
from engine.local.servers import make_group_name
from engine.redaction import redact

KEPT_JOBS = 50
TAIL_BYTES = 8192
RESULT_BYTES = 65536


def start_job(spec: InstanceSpec, job: JobSpec, layout: Layout, *, port: int, account: Account) -> None:
    """Start a run unless its name was ever started. The launcher, not this function, decides who is first."""
    directory = layout.job(job.name)
    directory.mkdir(mode=0o750, exist_ok=True)
    give(directory, account, mode=0o750, owned=False)
    (directory / "work").mkdir(mode=0o700, exist_ok=True)
    give(directory / "work", account, mode=0o700)
    for name in ("stdout", "stderr", "result.json"):
        (directory / name).touch(mode=0o600)
        give(directory / name, account, mode=0o600)
    image = ensure_job_image(layout.root, job.program)
    resources = spec.plan.containers[CONTAINERS[job.program]]
    request = Launch(
        instance=layout.identifier,
        root=layout.root,
        mark=layout.mark(f"jobs/{job.name}"),
        record=directory / "record.json",
        lock=directory / "lock",
        argv=make_job_command(spec, job, image=image),
        environment=make_job_environment(spec, job, layout, port=port, image=image, account=account),
        directory=directory / "work",
        stdout=directory / "stdout",
        stderr=directory / "stderr",
        group=make_group_name(layout, f"jobs-{job.name}"),
        resources=resources,
        # the address space of a database server says nothing about its use
        data_bytes=0 if job.program in STANDIN_SERVERS else resources.memory_limit_bytes,
        deadline_seconds=job.deadline_seconds,
        groups=_find_groups(job, layout, account),
        ended=directory / "ended.json",
    )
    launch(request, account)


def _find_groups(job: JobSpec, layout: Layout, account: Account) -> tuple[int, ...]:
    """Return the groups that let the run read the other instance's set that it was given."""
    if job.set_of is None:
        return ()
    return lend_set(make_layout(layout.root, job.set_of), job.environment["BACKUP_ID"], account)


def read_status(layout: Layout, job: JobSpec, secrets: tuple[str, ...]) -> JobStatus | None:
    """Return what is known of a run, from its files; None when it never started."""
    directory = layout.job(job.name)
    record = read_record(directory / "record.json")
    if record is None:
        return None
    # Read in this order: a run that ends between the two lines is seen as ended, never as lost.
    alive = record.is_alive()
    ended = _read_json(directory / "ended.json")
    result = _read_json(directory / "result.json")
    progress, message = _read_progress(directory / "stdout")
    phase, outcome = _decide(alive, ended, result, job)
    return JobStatus(
        name=job.name,
        phase=phase,
        progress=100 if phase is JobPhase.SUCCEEDED else progress,
        message=redact(message, secrets),
        result=outcome,
        log_tail=redact(_read_tail(directory / "stderr"), secrets),
        started_at=datetime.fromisoformat(record.started_at),
        ended_at=_find_end(record, ended, directory) if phase is not JobPhase.RUNNING else None,
    )


def _decide(
    alive: bool, ended: Mapping[str, Any] | None, result: Mapping[str, Any] | None, job: JobSpec
) -> tuple[JobPhase, Mapping[str, Any] | None]:
    if ended is None and alive:
        return JobPhase.RUNNING, None
    if ended is not None and ended["deadline_exceeded"]:
        error = {
            "code": "deadline_exceeded",
            "message": f"{job.program.value} did not end within {job.deadline_seconds} seconds and was killed.",
            "hint": "Look at the end of its log.",
            "retryable": False,
            "params": {"step": job.program.value, "seconds": job.deadline_seconds},
        }
        return JobPhase.FAILED, {"ok": False, "error": error}
    if result is not None and result.get("ok") is True and (ended is None or ended["exit_code"] == 0):
        return JobPhase.SUCCEEDED, result
    if result is not None and result.get("ok") is False:
        return JobPhase.FAILED, result
    return JobPhase.LOST, None


def _find_end(record: Record, ended: Mapping[str, Any] | None, directory: Path) -> datetime:
    if ended is not None:
        return datetime.fromisoformat(ended["ended_at"])
    # The supervisor was killed: the last sign of life is the last thing written.
    start = datetime.fromisoformat(record.started_at)
    newest = max((directory / name).stat().st_mtime for name in ("stdout", "stderr", "result.json"))
    return max(start, datetime.fromtimestamp(newest, tz=start.tzinfo))


def _read_json(path: Path) -> dict[str, Any] | None:
    """Return a JSON object written by a program; None when it is missing, cut, too long, or something else."""
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(RESULT_BYTES))
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _read_tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            return file.read(TAIL_BYTES).decode(errors="replace")
    except FileNotFoundError:
        return ""


def _read_progress(path: Path) -> tuple[int, str]:
    for line in reversed(_read_tail(path).splitlines()):
        try:
            content = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(content, dict) and isinstance(content.get("progress"), int | float):
            return max(0, min(100, int(content["progress"]))), str(content.get("message", ""))[:500]
    return 0, ""


def ended_supervised(layout: Layout, name: str) -> bool:
    """Return whether the run's supervisor lived to kill what the program left and to write how it ended."""
    return (layout.job(name) / "ended.json").exists()


def forget_secrets(layout: Layout, name: str) -> None:
    """Remove what a run that has ended was given for itself alone."""
    shutil.rmtree(layout.job(name) / SECRETS, ignore_errors=True)


def prune_jobs(layout: Layout, *, keep: int = KEPT_JOBS) -> None:
    """Remove the directories of the oldest ended runs beyond the last `keep`, and the cgroups of all ended runs."""
    for group in list_groups(layout.root, layout.identifier):
        if group.name.startswith(make_group_name(layout, "jobs-")) and not list_members(layout.root, group.name):
            remove_group(layout.root, group.name)
    directories = sorted(layout.path("jobs").iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for directory in directories[keep:]:
        record = read_record(directory / "record.json")
        if record is None or not record.is_alive():
            shutil.rmtree(directory, ignore_errors=True)
