"""A backup within the limits of its container, on nodes of any size: real cgroups where this machine lets us make one,
else the address space of each process."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.specs import Resources
from engine.local.limits import apply_limits, remove_group
from tests.builders import make_plan
from tests.programs.workspace import Workspace, make_backup_id

MEBIBYTE = 1024**2
FILES = 12
PRETENCE = """
import os
os.sched_getaffinity = lambda pid: set(range({number}))
os.cpu_count = lambda: {number}
"""


@pytest.fixture(scope="module")
def parish() -> Iterator[Workspace]:
    """Files that nothing makes smaller, as photographs: enough for every thread of a compressor."""
    workspace = Workspace(None)
    for number in range(FILES):
        for root in (workspace.files, workspace.private):
            (root / f"photo-{number}.jpg").write_bytes(os.urandom(8 * MEBIBYTE))
    yield workspace
    workspace.remove()


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
@pytest.mark.parametrize("number", [1, 2, 8, 32])
def test_a_node_of_any_size_is_enough(parish: Workspace, tmp_path: Path, number: int, codec: str) -> None:
    plan = make_plan().containers["backup"]
    assert plan.memory_limit_bytes == 256 * MEBIBYTE
    limits = Resources(
        cpu_request_millicores=1000 * number,
        cpu_limit_millicores=1000 * number,
        memory_request_bytes=plan.memory_request_bytes,
        memory_limit_bytes=plan.memory_limit_bytes,
    )
    (tmp_path / "sitecustomize.py").write_text(PRETENCE.format(number=number))
    path = f"{tmp_path}:{parish.make_env()['PYTHONPATH']}"
    enforced = apply_limits(tmp_path, "backup", limits)
    print(enforced.text or f"prlimit: {enforced.refusal}")  # noqa: T201 - which limits these were
    try:
        process = parish.start("backup", BACKUP_ID=make_backup_id(), CODEC=codec, PYTHONPATH=path)
        if not enforced.procs:
            resource.prlimit(process.pid, resource.RLIMIT_AS, (plan.memory_limit_bytes, plan.memory_limit_bytes))
        for procs in enforced.procs:
            procs.write_text(str(process.pid))
        outcome = parish.finish(process)
    finally:
        remove_group(tmp_path, "backup")
    assert outcome.code == 0, (outcome.result, outcome.stderr)
