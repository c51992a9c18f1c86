"""How far a server is on its way to being ready, for whoever waits for it. Pure."""

from enum import IntEnum


class StartStage(IntEnum):
    """How far a server is on its way to being ready, in this order."""

    NONE = 0
    SCHEDULING = 1
    ATTACHING = 2
    PULLING = 3
    STARTING = 4
    READY = 5


# What takes its time, and goes on.
PREPARING = frozenset({StartStage.ATTACHING, StartStage.PULLING})
