"""What the lines of a log belong to: the operation, the instance, the request, the person. Kept per thread and task.

Whoever begins work binds what it is about; every line that is logged meanwhile carries it (civiparoisse/log_lines.py).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

NAMES = ("operation", "instance", "request", "actor")
_bound: ContextVar[Mapping[str, str]] = ContextVar("bound", default={})  # noqa: B039 - replaced, never changed


@contextmanager
def bind(**values: str) -> Iterator[None]:
    """Let the lines of this block carry `values` too (names: NAMES). Raise KeyError for another name."""
    token = _bound.set({**_bound.get(), **_check(values)})
    try:
        yield
    finally:
        _bound.reset(token)


def add(**values: str) -> None:
    """Let the lines that follow carry `values` as well, until the block ends that we are in, or `clear` is called."""
    _bound.set({**_bound.get(), **_check(values)})


def clear() -> None:
    """Let the lines that follow belong to nothing."""
    _bound.set({})


def get_bound() -> Mapping[str, str]:
    """Return what the present line belongs to."""
    return _bound.get()


def _check(values: Mapping[str, str]) -> Mapping[str, str]:
    for name in values:
        if name not in NAMES:
            raise KeyError(name)
    return values
