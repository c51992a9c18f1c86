"""How many processors this program may use: the machine's, less what its container or its affinity withholds.

A container sees all the processors of its node, and is slowed down or killed when it acts as if they were its own.
"""

import math
import os
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


def count_processors(*, cgroups: Path = CGROUPS, own: Path = OWN) -> int:
    """At least 1. A share of a processor counts as a whole one."""
    found = [float(len(os.sched_getaffinity(0))), *list_quotas(cgroups, own)]
    return max(1, math.ceil(min(found)))


def list_quotas(cgroups: Path, own: Path) -> Iterator[float]:
    """The limits in processors, of our cgroup and of those above it (Linux: cgroup-v2, and sched-bwc of version 1)."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        _, controllers, path = (line.split(":", 2) + ["", ""])[:3]
        if controllers and "cpu" not in controllers.split(","):
            continue
        roots = [cgroups] if not controllers else [cgroups / controllers, cgroups / "cpu"]
        parts = [part for part in path.split("/") if part not in ("", "..")]
        for root in roots:
            for size in range(len(parts), -1, -1):
                yield from read_quota(root.joinpath(*parts[:size]))


def read_quota(directory: Path) -> Iterator[float]:
    """The limit of one cgroup, if it has one."""
    names = (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us"))
    for files in names:
        try:
            words = " ".join((directory / name).read_text() for name in files).split()
            quota, period = float(words[0]), float(words[1])
        except (OSError, ValueError, IndexError):
            continue  # "max" in the place of a number: no limit
        if quota > 0 and period > 0:
            yield quota / period
