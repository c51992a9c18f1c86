"""Groups are made, entered, removed; where they cannot be, the reason is given and nothing fails."""

import subprocess
from pathlib import Path

from engine.local.limits import apply_limits, find_cgroup_tree, list_groups, list_members, remove_group
from tests.builders import make_resources
from tests.local_engines import wait_until


def write_tables(tmp_path: Path, mounts: str, own: str) -> tuple[Path, Path]:
    (tmp_path / "mounts").write_text(mounts)
    (tmp_path / "own").write_text(own)
    return tmp_path / "mounts", tmp_path / "own"


def test_version_1_needs_both_controllers(tmp_path: Path) -> None:
    both = "cgroup /c/memory cgroup rw,memory 0 0\ncgroup /c/cpu cgroup rw,cpu,cpuacct 0 0\n"
    assert find_cgroup_tree(*write_tables(tmp_path, both, "")).bases == (
        ("cpu", Path("/c/cpu")),
        ("memory", Path("/c/memory")),
    )
    assert find_cgroup_tree(*write_tables(tmp_path, "cgroup /c/memory cgroup rw,memory 0 0\n", "")).bases == ()


def test_version_2_is_used_where_it_is_delegated(tmp_path: Path) -> None:
    slice_ = tmp_path / "user.slice"
    slice_.mkdir()
    for name, controllers in ((tmp_path, "cpu"), (slice_, "cpu memory pids")):
        (name / "cgroup.controllers").write_text(controllers)
        (name / "cgroup.procs").write_text("")
    tree = find_cgroup_tree(*write_tables(tmp_path, f"cgroup2 {tmp_path} cgroup2 rw 0 0\n", "0::/user.slice/me\n"))
    assert (tree.version, tree.bases) == (2, (("unified", slice_),))


def test_a_group_holds_its_process_until_it_is_gone(tmp_path: Path) -> None:
    limits = apply_limits(tmp_path, "saint-paul.db", make_resources(384, 250))
    if not limits.procs:
        assert limits.refusal
        return
    assert limits.text.endswith("memory 384 MiB, CPU 250m")
    with subprocess.Popen(["sleep", "300"]) as process:
        for path in limits.procs:
            path.write_text(str(process.pid))
        assert list_members(tmp_path, "saint-paul.db") == [process.pid]
        apply_limits(tmp_path, "saint-paul-sandbox.db", make_resources(384, 250))
        assert {path.name for path in list_groups(tmp_path, "saint-paul")} == {"saint-paul.db"}
        remove_group(tmp_path, "saint-paul.db")
        assert list_members(tmp_path, "saint-paul.db") == [process.pid]
        process.kill()
    wait_until(lambda: not list_members(tmp_path, "saint-paul.db"), "the group is empty")
    for name in ("saint-paul.db", "saint-paul-sandbox.db"):
        remove_group(tmp_path, name)
    assert list_groups(tmp_path, "saint-paul") == []
    assert not any(path.parent.parent.exists() for path in limits.procs)


def test_limits_are_those_of_the_plan(tmp_path: Path) -> None:
    limits = apply_limits(tmp_path, "saint-paul.db", make_resources(384, 250))
    values = {
        path.name: path.read_text().strip()
        for procs in limits.procs
        for path in procs.parent.iterdir()
        if path.name in ("memory.limit_in_bytes", "cpu.cfs_quota_us", "memory.max", "cpu.max")
    }
    remove_group(tmp_path, "saint-paul.db")
    expected = {
        "memory.limit_in_bytes": str(384 * 1024**2),
        "memory.max": str(384 * 1024**2),
        "cpu.cfs_quota_us": "25000",
        "cpu.max": "25000 100000",
    }
    assert values == {name: expected[name] for name in values}
    assert len(values) == (2 if limits.procs else 0)


def test_what_cannot_be_made_is_said_and_does_not_fail(tmp_path: Path) -> None:
    limits = apply_limits(tmp_path, "saint-paul." + "y" * 5000, make_resources(1, 1))
    assert limits.procs == ()
    assert limits.refusal
