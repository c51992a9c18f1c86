"""programs.run.failures: a result is written whatever happens, and never too long."""

import errno
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from programs.run.failures import RESULT_MAX_BYTES, ProgramError, format_result, make_os_failure, report_progress
from tests.programs.workspace import ROOT, wait_until
from tests.servers import die_with_parent


def run_main(body: str, result: Path) -> "subprocess.CompletedProcess[str]":
    """Run a program whose `main` has this body."""
    head = "import sys, time\nfrom programs.run.failures import *\n"
    text = f"{head}def main(env):\n    {body}\nsys.exit(run_program(main))"
    env = {"RESULT_FILE": str(result)}
    return subprocess.run([sys.executable, "-c", text], cwd=ROOT, env=env, capture_output=True, text=True, timeout=180)


@pytest.mark.parametrize(
    ("body", "exit_code", "error_code"),
    [
        ("raise ProgramError('no_luck', 'said')", 1, "no_luck"),
        ("raise ProgramError('environment_invalid', 'said')", 2, "environment_invalid"),
        ("raise OSError(28, 'No space left on device')", 1, "no_space"),
        ("open('/no/such/file')", 1, "io_failed"),
        ("raise ValueError('secret')", 1, "unexpected"),
    ],
)
def test_each_failure_has_its_code(tmp_path: Path, body: str, exit_code: int, error_code: str) -> None:
    done = run_main(body, tmp_path / "result")
    document = json.loads((tmp_path / "result").read_bytes())
    assert (done.returncode, document["ok"], document["error"]["code"]) == (exit_code, False, error_code)
    assert "secret" not in json.dumps(document)
    assert set(document["error"]) == {"code", "message", "hint", "retryable", "params"}


def test_a_success_is_written_with_its_duration(tmp_path: Path) -> None:
    done = run_main("return {'rows': 3}", tmp_path / "result")
    document = json.loads((tmp_path / "result").read_bytes())
    assert done.returncode == 0 and document["ok"] is True and document["rows"] == 3
    assert document["duration_seconds"] >= 0


def test_a_result_that_cannot_be_written_is_logged(tmp_path: Path) -> None:
    done = run_main("return {}", tmp_path / "no/such/directory")
    assert done.returncode == 0 and "RESULT_FILE" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_passes_through_what_catches_failures(tmp_path: Path, number: signal.Signals) -> None:
    text = (
        "import sys, time\nfrom programs.run.failures import *\n"
        "def main(env):\n"
        "    try:\n"
        "        sys.stdout.write('ready'); sys.stdout.flush(); time.sleep(60)\n"
        "    except Exception: return {'swallowed': 1}\n"
        "sys.exit(run_program(main))"
    )
    result = tmp_path / "result"
    with (tmp_path / "out").open("wb") as out:
        env = {"RESULT_FILE": str(result)}
        command = [sys.executable, "-c", text]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, preexec_fn=die_with_parent)
    wait_until(lambda: (tmp_path / "out").read_bytes() == b"ready")
    process.send_signal(number)
    assert process.wait(30) == 1
    error = json.loads(result.read_bytes())["error"]
    assert (error["code"], error["retryable"]) == ("stopped", True) and number.name in error["message"]


def test_a_stop_that_a_destructor_drops_is_not_lost(tmp_path: Path) -> None:
    body = (
        "import os, signal\n"
        "    class Dropping:\n"
        "        def __del__(self): os.kill(os.getpid(), signal.SIGTERM); time.sleep(0.01)\n"
        "    thing = Dropping(); del thing\n"
        "    report_progress(1, 'next'); return {}"
    )
    done = run_main(body, tmp_path / "result")
    assert done.returncode == 1 and "Exception ignored in" in done.stderr
    assert json.loads((tmp_path / "result").read_bytes())["error"]["code"] == "stopped"


def test_a_long_result_is_cut_to_what_a_pod_keeps() -> None:
    error = ProgramError("too_long", "é" * 50_000, hint="h" * 50_000, params={str(n): "x" * 500 for n in range(50)})
    data = format_result(error.as_result())
    assert len(data) <= RESULT_MAX_BYTES
    document = json.loads(data)
    assert document["ok"] is False and document["error"]["code"] == "too_long"
    assert json.loads(format_result({"ok": True, "warnings": ["w" * 9000] * 5}))["ok"] is True


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_has_one_name(number: int) -> None:
    assert make_os_failure(OSError(number, "x"), doing="writing").code == "no_space"
    assert make_os_failure(OSError(errno.EIO, "x", "/file"), doing="writing").code == "io_failed"


def test_progress_is_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    report_progress(140, "a\nb")
    assert json.loads(capsys.readouterr().out) == {"progress": 100, "message": "a\nb"}


def test_half_characters_from_a_foreign_document_do_not_travel_on() -> None:
    error = ProgramError("manifest_invalid", "unknown: \ud800", params={"name": "\udfff", "number": 1})
    assert str(error).encode() == b"manifest_invalid: unknown: \\ud800"
    assert error.params == {"name": "\\udfff", "number": 1}
