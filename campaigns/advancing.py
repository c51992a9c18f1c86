"""The pass of the clock over campaigns: every minute, and when an operation of one has ended."""

from datetime import datetime


def advance_campaigns(*, now: datetime) -> None:
    """Bring every campaign a step further: note what has ended, apply its stop rule, ask for what comes next."""
    raise NotImplementedError
