"""What could not start is said, and limits are those of the launch."""

from pathlib import Path

import pytest

from domain.errors import EngineUnavailable
from engine.local.launch import launch
from engine.local.limits import list_members, remove_group
from engine.local.processes import find_processes, kill_all, read_record
from tests.engine.local.launching import OURSELVES, make_launch
from tests.local_engines import wait_until


def test_a_program_that_is_not_there_is_an_error_with_its_reason(tmp_path: Path) -> None:
    request = make_launch(tmp_path, "server", "", argv=["/nonexistent/program"])
    with pytest.raises(EngineUnavailable) as raised:
        launch(request, OURSELVES)
    assert "/nonexistent/program" in raised.value.params["detail"]
    remove_group(tmp_path, request.group)


def test_the_process_is_under_its_limits_or_the_record_says_why_not(tmp_path: Path) -> None:
    request = make_launch(tmp_path, "server", "import time; time.sleep(300)", data_bytes=256 * 1024**2)
    assert launch(request, OURSELVES)
    try:
        record = read_record(request.record)
        assert record is not None
        if list_members(tmp_path, request.group):
            assert list_members(tmp_path, request.group) == [record.process.pid]
            assert "memory 128 MiB, CPU 1000m" in record.limits
        else:
            assert "256 MiB per process by prlimit; CPU not enforced (" in record.limits
    finally:
        kill_all(lambda: find_processes(request.mark), "test")
        remove_group(tmp_path, request.group)


def test_the_memory_limit_kills_a_program_that_wants_more(tmp_path: Path) -> None:
    program = "keep = bytearray(400 * 1024**2); print('alive', flush=True)"
    request = make_launch(tmp_path, "job", program, deadline_seconds=30, data_bytes=128 * 1024**2)
    assert launch(request, OURSELVES)
    wait_until(lambda: not find_processes(request.mark), "it has ended")
    assert "alive" not in request.stdout.read_text()
    remove_group(tmp_path, request.group)
