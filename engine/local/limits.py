"""Memory and CPU of each server and job: cgroups where this machine lets us, prlimit for memory otherwise.

cgroup v1 is used when its memory and cpu hierarchies are mounted, else v2 when both controllers can be handed down
(kernel documentation, admin-guide/cgroup-v1 and cgroup-v2). Nothing here ever fails: what is not enforced is said.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from domain.specs import Resources

MEBIBYTE = 1024**2
PERIOD_MICROSECONDS = 100_000
REMOVE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class CgroupTree:
    """Where groups can be made. `bases`: controller -> directory; with v2 both are the same one."""

    version: int
    bases: tuple[tuple[str, Path], ...]


@dataclass(frozen=True, slots=True)
class EnforcedLimits:
    """`procs`: the files to write a pid into; empty with `refusal`, the reason why there is no group."""

    procs: tuple[Path, ...]
    text: str
    refusal: str = ""


def find_cgroup_tree(mounts: Path = Path("/proc/self/mounts"), own: Path = Path("/proc/self/cgroup")) -> CgroupTree:
    """Return where groups may be made on this machine; `bases` is empty when nowhere."""
    trees: dict[str, Path] = {}
    unified = None
    for line in mounts.read_text(encoding="utf-8").splitlines():
        _, point, kind, options = line.split(" ")[:4]
        if kind == "cgroup":
            for controller in {"memory", "cpu"} & set(options.split(",")):
                trees[controller] = Path(point)
        elif kind == "cgroup2" and unified is None:
            unified = Path(point)
    if set(trees) == {"memory", "cpu"}:
        return CgroupTree(version=1, bases=tuple(sorted(trees.items())))
    if unified is not None:
        for base in _list_delegated(unified, own):
            return CgroupTree(version=2, bases=(("unified", base),))
    return CgroupTree(version=2, bases=())


def _list_delegated(unified: Path, own: Path) -> Iterator[Path]:
    """Yield the ancestors of our own group, nearest the root first, that may hand memory and cpu down."""
    path = next((line[3:] for line in own.read_text(encoding="utf-8").splitlines() if line.startswith("0::")), "/")
    here = unified / path.strip().lstrip("/")
    for base in (*reversed([parent for parent in here.parents if parent.is_relative_to(unified)]), here):
        controllers = base / "cgroup.controllers"
        if controllers.is_file() and {"memory", "cpu"} <= set(controllers.read_text(encoding="ascii").split()):
            if os.access(base, os.W_OK) and os.access(base / "cgroup.procs", os.W_OK):
                yield base


def _group_directories(tree: CgroupTree, root: Path, name: str) -> list[tuple[str, Path]]:
    family = "civiparoisse-" + hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    return [(controller, base / family / name) for controller, base in tree.bases]


def apply_limits(root: Path, name: str, resources: Resources) -> EnforcedLimits:
    """Make the group `name` with these limits and return how to enter it."""
    tree = find_cgroup_tree()
    wanted = f"memory {resources.memory_limit_bytes // MEBIBYTE} MiB, CPU {resources.cpu_limit_millicores}m"
    if not tree.bases:
        return EnforcedLimits(procs=(), text="", refusal="no writable cgroup with memory and cpu controllers")
    try:
        for controller, directory in _group_directories(tree, root, name):
            directory.mkdir(parents=True, exist_ok=True)
            if tree.version == 2:
                for parent in (directory.parent.parent, directory.parent):
                    (parent / "cgroup.subtree_control").write_text("+memory +cpu", encoding="ascii")
            for file, value in _make_values(controller, resources).items():
                (directory / file).write_text(str(value), encoding="ascii")
    except OSError as error:
        return EnforcedLimits(procs=(), text="", refusal=f"cgroup v{tree.version}: {error.strerror}")
    procs = tuple(directory / "cgroup.procs" for _, directory in _group_directories(tree, root, name))
    return EnforcedLimits(procs=procs, text=f"cgroup v{tree.version}: {wanted}")


def _make_values(controller: str, resources: Resources) -> dict[str, int | str]:
    """Return the files to write. A request becomes a weight: Kubernetes' own conversion (1000m = 1024 shares)."""
    quota = max(resources.cpu_limit_millicores * PERIOD_MICROSECONDS // 1000, 1000)
    shares = max(resources.cpu_request_millicores * 1024 // 1000, 2)
    memory = {"memory.limit_in_bytes": resources.memory_limit_bytes}
    cpu = {"cpu.cfs_period_us": PERIOD_MICROSECONDS, "cpu.cfs_quota_us": quota, "cpu.shares": shares}
    if controller == "memory":
        return dict(memory)
    if controller == "cpu":
        return dict(cpu)
    weight = 1 + (min(shares, 262144) - 2) * 9999 // 262142
    return {
        "memory.max": resources.memory_limit_bytes,
        "cpu.max": f"{quota} {PERIOD_MICROSECONDS}",
        "cpu.weight": weight,
    }


def find_group_directories(root: Path, name: str) -> list[Path]:
    """Return where the group `name` is, or would be: one directory for each controller, or one for both."""
    return sorted({directory for _, directory in _group_directories(find_cgroup_tree(), root, name)})


def list_groups(root: Path, identifier: str) -> list[Path]:
    """Return the directories of the groups of an instance's servers and jobs."""
    groups = []
    for _, directory in _group_directories(find_cgroup_tree(), root, identifier):
        if directory.parent.is_dir():
            for entry in sorted(directory.parent.iterdir()):
                if entry.is_dir() and entry.name.startswith(f"{identifier}."):
                    groups.append(entry)
    return groups


def list_members(root: Path, name: str) -> list[int]:
    """Return the pids in the group `name`, empty without one."""
    pids: set[int] = set()
    for _, directory in _group_directories(find_cgroup_tree(), root, name):
        try:
            pids |= {int(pid) for pid in (directory / "cgroup.procs").read_text(encoding="ascii").split()}
        except OSError:
            continue
    return sorted(pids)


def remove_group(root: Path, name: str) -> None:
    """Remove the group `name` if its processes are gone (a killed one stays in it for a moment)."""
    deadline = time.monotonic() + REMOVE_SECONDS
    for _, directory in _group_directories(find_cgroup_tree(), root, name):
        while directory.is_dir():
            try:
                directory.rmdir()
            except OSError:
                if time.monotonic() > deadline:
                    break
                time.sleep(0.02)
        if directory.parent.is_dir() and not any(entry.is_dir() for entry in directory.parent.iterdir()):
            try:
                directory.parent.rmdir()
            except OSError:
                continue
