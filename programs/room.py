"""Is there room for a restore beside what is there? Asked before anything is written."""

import os
from collections.abc import Mapping
from pathlib import Path

from programs.archive.members import MemberCounts
from programs.databases.client import Client, quote_text
from programs.run.failures import ProgramError

OWN_INODES = 4  # of an exchange: the staging's directory, the journal, the trash and a place in it
BLOCK_BYTES = 4096  # of ext4: each member takes at most one more than its bytes
DATABASE_FACTOR = 1.5  # tables and their indexes against the text of their dump


def check_tree_room(roots: Mapping[str, Path], counts: Mapping[str, MemberCounts]) -> None:
    """Raise ProgramError (``no_space``) unless each volume holds the new tree beside the old one."""
    needed: dict[int, tuple[Path, int, int]] = {}
    for tree, root in roots.items():
        device = os.stat(root).st_dev
        _, size, inodes = needed.get(device, (root, 0, 0))
        size += counts[tree].data_bytes + counts[tree].members * BLOCK_BYTES
        needed[device] = (root, size, inodes + counts[tree].members + OWN_INODES)
    for root, size, inodes in needed.values():
        info = os.statvfs(root)
        require(str(root), "bytes", free=info.f_bavail * info.f_frsize, needed=size)
        if info.f_files:
            require(str(root), "inodes", free=info.f_favail, needed=inodes)


def check_database_room(client: Client, plain_bytes: Mapping[str, int]) -> None:
    """Raise ProgramError (``no_space``) unless the dumps fit where the present tables are.

    ``plain_bytes``: of each dump, by database. Only where the server's directory is seen from here: in a pod
    of its own the server answers for it, by an error while loading.
    """
    directory = Path(client.query(("@@datadir",), "")[0][0] or "/nonexistent")
    if not all(os.path.isdir(directory / name) for name in plain_bytes):
        return
    among = ",".join(quote_text(name) for name in plain_bytes)
    rest = f"FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ({among})"
    present = client.query(("IFNULL(SUM(DATA_LENGTH + INDEX_LENGTH), 0)",), rest)[0][0] or "0"
    info = os.statvfs(directory)
    free = info.f_bavail * info.f_frsize + int(float(present))
    require("the databases", "bytes", free=free, needed=int(DATABASE_FACTOR * sum(plain_bytes.values())))


def require(where: str, what: str, *, free: int, needed: int) -> None:
    """Raise ProgramError (``no_space``) unless ``free`` is enough."""
    if free < needed:
        message = f"{free} {what} are free for {where}, and {needed} are needed"
        hint = "enlarge the volume, or restore only a part, then run again"
        raise ProgramError("no_space", message, hint=hint, params={"free": free, "needed": needed})
