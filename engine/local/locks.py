"""One change at a time on one instance, across processes; let go by the kernel when its holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import EngineUnavailable

WAIT_SECONDS = 60.0
POLL_SECONDS = 0.02


@contextmanager
def instance_lock(root: Path, identifier: str) -> Iterator[Path]:
    """Hold the instance's lock. Yield its path: who purges the instance removes it as the last thing it does
    under it, for from then on another may hold it.

    Raise EngineUnavailable when another change does not end in time.
    """
    path = root / "locks" / identifier
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    deadline = time.monotonic() + WAIT_SECONDS
    while (descriptor := _try_lock(path)) is None:
        if time.monotonic() > deadline:
            raise EngineUnavailable(instance=identifier, detail="another change of this instance does not end")
        time.sleep(POLL_SECONDS)
    try:
        yield path
    finally:
        os.close(descriptor)


def _try_lock(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The previous holder may have removed the file that we then locked: only the one in place counts.
        if os.path.exists(path) and os.path.samestat(os.fstat(descriptor), os.stat(path)):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None
