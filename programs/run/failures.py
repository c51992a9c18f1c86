"""How a program ends: one JSON result, one exit code, one wrapper for backup, verify and restore."""

import errno
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

RESULT_MAX_BYTES = 4096  # a Kubernetes termination message holds no more
DEFAULT_RESULT_FILE = "/dev/termination-log"
EXIT_FAILED = 1
EXIT_ENVIRONMENT = 2
SUMMARY_WARNINGS = 5
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Summary = dict[str, object]

log = logging.getLogger("programs")


def make_encodable(text: str) -> str:
    """The text with half characters escaped: JSON may hold them, and no terminal or database takes them."""
    return text.encode(errors="backslashreplace").decode()


class ProgramError(Exception):
    """A named failure. `code` is stable; `message` says what happened, `hint` what to do; no secret in any.

    `retryable`: the same run may succeed later without a change. `params`: facts for a translated text.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str = "",
        retryable: bool = False,
        params: Mapping[str, str | int] | None = None,
    ) -> None:
        message = make_encodable(message)
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.retryable = retryable
        self.params: dict[str, str | int] = {
            name: make_encodable(value) if isinstance(value, str) else value for name, value in (params or {}).items()
        }

    def __reduce__(self) -> tuple[object, ...]:
        """How it goes from one process to another: its arguments have names."""
        return (rebuild_error, (type(self), self.as_result()["error"]))

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" + (f" ({self.hint})" if self.hint else "")

    @property
    def exit_code(self) -> int:
        """2 for a wrong environment, 1 for everything else."""
        return EXIT_ENVIRONMENT if self.code == "environment_invalid" else EXIT_FAILED

    def as_result(self) -> Summary:
        """The document written to RESULT_FILE."""
        return {
            "ok": False,
            "error": {
                "code": self.code,
                "message": self.message,
                "hint": self.hint,
                "retryable": self.retryable,
                "params": self.params,
            },
        }


def rebuild_error(kind: type[ProgramError], facts: dict[str, Any]) -> ProgramError:
    """The error that another process had."""
    return kind(**facts)


def make_os_failure(error: OSError, *, doing: str) -> ProgramError:
    """Name a failure of the system: `no_space` for a full disk, quota or file limit, else `io_failed`."""
    params = {"doing": doing, "errno": errno.errorcode.get(error.errno or 0, str(error.errno))}
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        hint = "free space, or enlarge the volume, then run again"
        return ProgramError("no_space", f"no space left while {doing}", hint=hint, params=params)
    where = f" ({os.fsdecode(error.filename)})" if error.filename else ""
    return ProgramError("io_failed", f"{error.strerror} while {doing}{where}", params=params)


def format_result(result: Mapping[str, object]) -> bytes:
    """JSON of a result within 4096 bytes: long texts are cut, extras dropped, `ok` and `code` kept."""
    limit = RESULT_MAX_BYTES
    for longest in (RESULT_MAX_BYTES, 400, 120, 40):
        data = json.dumps(_shorten(result, longest=longest), ensure_ascii=True).encode()
        if len(data) <= limit:
            return data
    error = result.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    least = {"ok": result.get("ok"), **({"error": {"code": code}} if code else {})}
    return json.dumps(least).encode()


def _shorten(value: object, *, longest: int) -> object:
    if isinstance(value, str):
        return value if len(value) <= longest else value[: longest - 1] + "…"
    if isinstance(value, Mapping):
        return {str(key): _shorten(item, longest=longest) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shorten(item, longest=longest) for item in value[:20]]
    return value


def write_result(result: Mapping[str, object], *, path: Path) -> None:
    """Write in place: in a pod the file is a mount and cannot be renamed over. A failure is only logged."""
    try:
        with path.open("wb") as file:
            file.write(format_result(result))
            file.flush()
            try:
                os.fsync(file.fileno())
            except OSError as error:  # pipes and some mounts refuse it
                log.debug("fsync of the result refused: %s", error.strerror)
    except OSError as error:
        log.error("the result could not be written to RESULT_FILE: %s", error.strerror)


class StopAsked(BaseException):
    """A signal asked for the end. Not an Exception: what retries or renames failures must let it through."""


_stop_asked_by: list[str] = []


def _stop_on_signal(number: int, _frame: FrameType | None) -> None:
    for other in STOP_SIGNALS:
        signal.signal(other, signal.SIG_IGN)  # a second one must not interrupt the undoing
    _stop_asked_by.append(signal.Signals(number).name)
    raise StopAsked(_stop_asked_by[0])


def report_progress(percent: int, message: str) -> None:
    """One JSON line on stdout: how far, in percent, and what is being done.

    Raise StopAsked again when Python dropped it, as it does with what is raised in a destructor."""
    if _stop_asked_by and sys.exc_info()[1] is None:
        raise StopAsked(_stop_asked_by[0])
    line = json.dumps({"progress": max(0, min(100, percent)), "message": message}, ensure_ascii=True)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run_program(main: Callable[[Mapping[str, str]], Summary]) -> int:
    """Run `main` on the environment, write RESULT_FILE whatever happens, return the exit code.

    `main` returns the summary of a success. This is the only place where an unforeseen exception is caught.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s", force=True)
    for number in STOP_SIGNALS:
        signal.signal(number, _stop_on_signal)
    os.umask(0o077)
    path = Path(os.environ.get("RESULT_FILE") or DEFAULT_RESULT_FILE)
    started = time.monotonic()
    try:
        summary = main(os.environ)
        result: Summary = {"ok": True, **summary, "duration_seconds": round(time.monotonic() - started, 2)}
        code = 0
    except StopAsked as asked:
        failure = ProgramError("stopped", f"stopped by {asked}", hint="run again", retryable=True)
        log.error("%s", failure)
        result, code = failure.as_result(), failure.exit_code
    except ProgramError as error:
        log.error("%s", error)
        result, code = error.as_result(), error.exit_code
    except OSError as error:
        log.exception("system failure")
        failure = make_os_failure(error, doing="running the program")
        result, code = failure.as_result(), failure.exit_code
    except Exception as error:
        log.exception("unexpected failure")
        failure = ProgramError("unexpected", f"unexpected {type(error).__name__}", hint="see the log of the run")
        result, code = failure.as_result(), failure.exit_code
    write_result(result, path=path)
    return code
