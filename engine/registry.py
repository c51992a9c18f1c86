"""Which engine an instance's `engine` name stands for."""

from collections.abc import Callable

from domain.errors import NotFound
from engine.base import Engine

_factories: dict[str, Callable[[], Engine]] = {}
# Whoever knows engines that come and go while the manager runs: (name -> engine or None, all names).
_resolvers: list[tuple[Callable[[str], Engine | None], Callable[[], tuple[str, ...]]]] = []


def register_engine(name: str, factory: Callable[[], Engine]) -> None:
    """Make `name` stand for what `factory` returns. Called once per process by the `ready` of an app."""
    _factories[name] = factory


def register_resolver(resolve: Callable[[str], Engine | None], list_names: Callable[[], tuple[str, ...]]) -> None:
    """Look up in `resolve` the names that are not registered; `list_names` tells them. Called by the `ready` of
    the app that has them."""
    _resolvers.append((resolve, list_names))


def get_engine(name: str) -> Engine:
    """Return the engine called `name`. Raise NotFound when this manager has no such engine."""
    if name in _factories:
        return _factories[name]()
    for resolve, _list_names in _resolvers:
        engine = resolve(name)
        if engine is not None:
            return engine
    raise NotFound(what="engine", name=name)


def list_registered() -> tuple[str, ...]:
    """Return the names that are registered: nothing else may be called so."""
    return tuple(_factories)


def list_engines() -> tuple[str, ...]:
    """Return the names of the engines of this manager."""
    resolved = (name for _resolve, list_names in _resolvers for name in list_names())
    return (*_factories, *(name for name in resolved if name not in _factories))
