"""Usage is read from cgroups that count, else from /proc; what died meanwhile gives no sample."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.local.launcher import read_stat
from engine.local.processes import Process
from engine.local.usage import (
    measure_usage,
    read_group_cpu_seconds,
    read_group_memory_bytes,
    read_process_cpu_seconds,
    read_process_memory_bytes,
)
from tests.builders import MEBIBYTE
from tests.engine.local.conftest import RunningParish

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def write(group: Path, **files: str) -> Path:
    for name, text in files.items():
        (group / name.replace("__", ".")).write_text(text)
    return group


def test_a_version_2_group_counts_both(tmp_path: Path) -> None:
    stat = "usage_usec 1500000\nuser_usec 1\n"
    write(tmp_path, cpu__stat=stat, memory__current="5000\n", memory__stat="anon 1\ninactive_file 800\n")
    assert read_group_cpu_seconds(tmp_path) == 1.5
    assert read_group_memory_bytes(tmp_path) == 4200


def test_a_version_1_group_counts_both(tmp_path: Path) -> None:
    write(
        tmp_path, cpuacct__usage="2500000000\n", memory__usage_in_bytes="5000", memory__stat="total_inactive_file 1\n"
    )
    assert read_group_cpu_seconds(tmp_path) == 2.5
    assert read_group_memory_bytes(tmp_path) == 4999


def test_a_group_that_counts_nothing_says_so(tmp_path: Path) -> None:
    assert read_group_cpu_seconds(tmp_path) is None
    assert read_group_memory_bytes(tmp_path) is None


def test_a_process_that_works_is_measured_and_a_dead_one_counts_nothing() -> None:
    program = "x = bytearray(30_000_000)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", program]) as busy:
        process = Process(pid=busy.pid, start_time=read_stat(busy.pid)[2])
        try:
            while read_process_cpu_seconds(process) < 0.2:
                assert busy.poll() is None
            assert read_process_memory_bytes(process) > 30_000_000
        finally:
            busy.kill()
    assert read_process_cpu_seconds(process) == 0.0
    assert read_process_memory_bytes(process) == 0


def test_an_empty_place_has_no_samples(tmp_path: Path) -> None:
    assert measure_usage(tmp_path, now=NOW) == ()


def test_both_servers_are_measured(parish: RunningParish) -> None:
    samples = measure_usage(parish.engine.root, now=NOW, window_seconds=0.1)
    assert {sample.container for sample in samples} == {"db", "httpd"}
    for sample in samples:
        assert (sample.instance, sample.at) == (parish.spec.identifier, NOW)
        assert sample.memory_bytes > MEBIBYTE
        assert 0 <= sample.cpu_millicores < 64_000


@pytest.mark.parametrize("window_seconds", [0.05])
def test_stopped_servers_are_not_measured(parish: RunningParish, window_seconds: float) -> None:
    parish.engine.suspend(parish.spec)
    assert measure_usage(parish.engine.root, now=NOW, window_seconds=window_seconds) == ()
