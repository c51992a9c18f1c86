"""What the web server's log of an instance says of visits."""

import os
import stat
from datetime import datetime

from engine.access_log import Reading, read_lines, split_lines
from engine.local.apache import find_access_log
from engine.local.layout import Layout

# Some hundred thousand requests: what came before, in one day, tells of no other visitors.
TAIL_BYTES = 32 * 1024**2
PIECE_BYTES = 64 * 1024


def read_visits(layout: Layout, *, since: datetime, now: datetime) -> Reading:
    """Read the end of the log. One that is not there says nothing; nor does anything else in its place: the instance's
    own account may write there."""
    try:
        descriptor = os.open(find_access_log(layout), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return Reading()
    with open(descriptor, "rb") as file:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            return Reading()
        file.seek(max(0, info.st_size - TAIL_BYTES))
        return read_lines(split_lines(iter(lambda: file.read(PIECE_BYTES), b"")), since=since, now=now)
