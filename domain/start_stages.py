"""How far a server is on its way to being ready, for whoever waits for it. Pure."""

from enum import IntEnum


class StartStage(IntEnum):
    """How far a server is on its way to being ready, in this order. Enlarging: the cluster makes a node for it."""

    NONE = 0
    SCHEDULING = 1
    ENLARGING = 2
    ATTACHING = 3
    PULLING = 4
    STARTING = 5
    READY = 6


# What takes its time, and goes on.
PREPARING = frozenset({StartStage.ENLARGING, StartStage.ATTACHING, StartStage.PULLING})
