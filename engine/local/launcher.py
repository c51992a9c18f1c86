"""Start one process so that it can always be found again; run as a script, standard library only.

Reads a request (JSON, see launch.py) on standard input. The forked child takes an exclusive flock on the request's
lock file, writes its record (pid, start time, boot id) and only then becomes the server: a server whose record is
missing cannot exist, and two launches of one name cannot both pass the lock, which the server keeps for life.
A job is supervised instead: the child stays, enforces the deadline, and writes how the program ended.
Exit code: 0 started, 3 the name is already taken, 1 could not start (reason on standard error).
"""

import ctypes
import fcntl
import json
import os
import resource
import select
import signal
import sys
import time
from datetime import UTC, datetime
from typing import Any

MARKER_VARIABLE = "CIVIPAROISSE_PROCESS"
ALREADY_TAKEN = 3
GRACE_SECONDS = 5.0
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


class AlreadyTaken(Exception):
    """Another process holds the lock, or the job was started before."""


def read_stat(pid: int) -> tuple[str, int, int]:
    """Return (state, parent pid, start time in clock ticks since boot) of a process: fields 3, 4 and 22 of
    /proc/PID/stat (man proc_pid_stat). The command between parentheses may hold anything, even parentheses."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return fields[0].decode(), int(fields[1]), int(fields[19])


def read_boot_id() -> str:
    """Return the identifier of this boot of the machine: start times and pids mean nothing beyond it."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def write_record(path: str, content: dict[str, Any]) -> None:
    """Write `content` as JSON, wholly or not at all, even across a power cut."""
    partial = f"{path}.{os.getpid()}.partial"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(partial, path)


def take_lock(request: dict[str, Any]) -> int:
    """Return the descriptor of the lock, or raise AlreadyTaken."""
    lock = os.open(request["lock"], os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise AlreadyTaken from error
    if request["once"] and os.path.exists(request["record"]):
        raise AlreadyTaken
    return lock


def enter_limits(request: dict[str, Any]) -> str:
    """Enter the cgroups, or set the fallback limits; return which, in English. Never fails: limits are a comfort."""
    refusal = request["no_cgroup_because"]
    try:
        for path in request["cgroup_procs"]:
            with open(path, "w", encoding="ascii") as file:
                file.write(str(os.getpid()))
    except OSError as error:
        refusal = f"{error.strerror}: {error.filename}"
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not refusal:
        return str(request["limits"])
    if request["data_bytes"]:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        ceiling = request["data_bytes"] if hard == resource.RLIM_INFINITY else min(request["data_bytes"], hard)
        resource.setrlimit(resource.RLIMIT_DATA, (ceiling, ceiling))
        return f"memory {ceiling // 1024**2} MiB per process by prlimit; CPU not enforced ({refusal})"
    return f"not enforced ({refusal})"


def drop_privileges(request: dict[str, Any]) -> None:
    """Become the instance's account, for good."""
    if request["uid"] is not None:
        os.setgroups(request["groups"])
        os.setresgid(request["gid"], request["gid"], request["gid"])
        os.setresuid(request["uid"], request["uid"], request["uid"])


def execute(request: dict[str, Any], environment: dict[str, str]) -> None:
    """Open the logs (as the account: root must not follow its links) and become the program."""
    os.umask(0o027)
    os.chdir(request["directory"])
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(request["stdout"], flags, 0o640), 1)
    os.dup2(os.open(request["stderr"], flags, 0o640), 2)
    for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.execve(request["argv"][0], request["argv"], environment)


def list_children() -> list[int]:
    """Return the pids of the direct children of this process."""
    children = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                _, parent, _ = read_stat(int(name))
            except (OSError, IndexError, ValueError):
                continue
            if parent == os.getpid():
                children.append(int(name))
    return children


def kill_descendants() -> None:
    """Kill and reap everything below this process, which is a subreaper: orphans become its children."""
    while children := list_children():
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for pid in children:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass


def wait_until(child: int, deadline: float) -> bool:
    """Wait for `child` until the monotonic `deadline`; return whether it ended."""
    descriptor = os.pidfd_open(child)
    try:
        while (left := deadline - time.monotonic()) > 0:
            if select.select([descriptor], [], [], min(left, 3600.0))[0]:
                return True
        return False
    finally:
        os.close(descriptor)


def run_program(request: dict[str, Any], environment: dict[str, str], supervisor: int, libc: Any) -> None:
    """Become the job's program, which dies with its supervisor (the kernel forgets that when the user changes)."""
    drop_privileges(request)
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() == supervisor:
        execute(request, environment)


def supervise(request: dict[str, Any], environment: dict[str, str], ready: int) -> None:
    """Run the program as a child until it ends or its deadline, then kill all it left and write how it ended."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    deadline = time.monotonic() + request["deadline_seconds"]
    supervisor = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            run_program(request, environment, supervisor, libc)
        except OSError as error:
            os.write(ready, str(error).encode())
        finally:
            os._exit(127)
    os.close(ready)
    in_time = wait_until(child, deadline)
    if not in_time:
        os.kill(child, signal.SIGTERM)
        wait_until(child, time.monotonic() + GRACE_SECONDS)
    reaped, status = os.waitpid(child, os.WNOHANG)
    kill_descendants()
    code = os.waitstatus_to_exitcode(status) if reaped else -int(signal.SIGKILL)
    content = {"exit_code": code, "deadline_exceeded": not in_time, "ended_at": datetime.now(UTC).isoformat()}
    write_record(request["ended"], content)


def run_child(request: dict[str, Any], ready: int) -> None:
    """Take the name, leave the manager's session, record this process, then become or supervise the program."""
    os.setsid()
    lock = take_lock(request)
    limits = enter_limits(request)
    _, _, start_time = read_stat(os.getpid())
    identity = {"pid": os.getpid(), "start_time": start_time, "boot_id": read_boot_id()}
    started = {"started_at": datetime.now(UTC).isoformat(), "limits": limits}
    write_record(request["record"], {**identity, **started, "fingerprint": request["fingerprint"]})
    environment = {**request["environment"], MARKER_VARIABLE: request["marker"]}
    if request["deadline_seconds"] is None:
        os.set_inheritable(lock, True)
        drop_privileges(request)
        execute(request, environment)
    supervise(request, environment, ready)


def main() -> int:
    """Fork, and tell whether the child became the program."""
    request = json.load(sys.stdin)
    report, ready = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(report)
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
            run_child(request, ready)
        except AlreadyTaken:
            os.write(ready, b"already taken")
        except OSError as error:
            os.write(ready, str(error).encode())
        finally:
            os._exit(0)
    os.close(ready)
    with os.fdopen(report, "rb") as file:
        answer = file.read().decode(errors="replace")
    if answer == "already taken":
        return ALREADY_TAKEN
    if answer:
        sys.stderr.write(answer)
    return 1 if answer else 0


if __name__ == "__main__":
    sys.exit(main())
