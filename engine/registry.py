"""Which engine an instance's `engine` name stands for."""

from collections.abc import Callable

from domain.errors import NotFound
from engine.base import Engine

_factories: dict[str, Callable[[], Engine]] = {}


def register_engine(name: str, factory: Callable[[], Engine]) -> None:
    """Make `name` stand for what `factory` returns. Called once per process by the wiring (civiparoisse.apps)."""
    _factories[name] = factory


def get_engine(name: str) -> Engine:
    """Return the engine called `name`. Raise NotFound when this manager has no such engine."""
    if name not in _factories:
        raise NotFound(what="engine", name=name)
    return _factories[name]()


def list_engines() -> tuple[str, ...]:
    """Return the names of the engines of this manager."""
    return tuple(_factories)
