"""programs.run.processors: the limit of a container counts, not the processors of its node."""

import os
from pathlib import Path

import pytest

from programs.run.processors import count_processors


def write(root: Path, **files: str) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (root / name.replace("__", ".")).write_text(text)


@pytest.fixture(autouse=True)
def _machine_of_32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(32)))


def count(root: Path, own: str) -> int:
    (root / "own").write_text(own)
    return count_processors(cgroups=root / "cgroup", own=root / "own")


def test_without_a_limit_the_affinity_counts(tmp_path: Path) -> None:
    write(tmp_path / "cgroup", cpu__max="max 100000\n")
    assert count(tmp_path, "0::/\n") == 32
    assert count_processors(cgroups=tmp_path / "none", own=tmp_path / "absent") == 32


@pytest.mark.parametrize(("limit", "expected"), [("50000", 1), ("100000", 1), ("150000", 2), ("800000", 8)])
def test_the_limit_of_version_2_counts(tmp_path: Path, limit: str, expected: int) -> None:
    write(tmp_path / "cgroup", cpu__max=f"{limit} 100000\n")
    assert count(tmp_path, "0::/\n") == expected


def test_the_least_of_our_cgroup_and_those_above_counts(tmp_path: Path) -> None:
    write(tmp_path / "cgroup/pods/pod", cpu__max="max 100000\n")
    write(tmp_path / "cgroup/pods", cpu__max="300000 100000\n")
    assert count(tmp_path, "0::/pods/pod\n") == 3


def test_the_limit_of_version_1_counts(tmp_path: Path) -> None:
    write(tmp_path / "cgroup/cpu,cpuacct/pod", cpu__cfs_quota_us="200000\n", cpu__cfs_period_us="100000\n")
    write(tmp_path / "cgroup/cpu,cpuacct", cpu__cfs_quota_us="-1\n", cpu__cfs_period_us="100000\n")
    assert count(tmp_path, "4:memory:/pod\n3:cpu,cpuacct:/pod\n") == 2
