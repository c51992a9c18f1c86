"""Every kind of operation of this installation: registered by the apps that declare them, once per process."""

from collections.abc import Callable

from domain.error_texts import add_texts
from domain.errors import NotFound
from domain.specs import InstanceKind
from domain.states import InstanceState
from domain.words import add_words
from operations.declarations import KindDefinition

_kinds: dict[str, KindDefinition] = {}
_watchers: list[Callable[[], None]] = []


def register_kind(kind: KindDefinition) -> None:
    """Add a kind. Called by the `ready` of the app that declares it. Raise ValueError for a code that is taken."""
    known = _kinds.get(kind.code)
    if known is not None and known is not kind:
        raise ValueError(f"two kinds of operation are called {kind.code}")
    add_texts(kind.error_texts)
    _kinds[kind.code] = kind
    words = {kind.code: kind.label}
    add_words("kind", words)
    add_words("allowed", words)
    # Errors name a step by its code.
    add_words("step", {step.name: step.label for step in kind.steps})
    for watcher in _watchers:
        watcher()


def watch_kinds(watcher: Callable[[], None]) -> None:
    """Call `watcher` now and whenever a kind is registered: for what is made of all kinds once, as addresses are."""
    _watchers.append(watcher)
    watcher()


def get_kind(code: str) -> KindDefinition:
    """Return the kind of that code. Raise NotFound."""
    if code not in _kinds:
        raise NotFound(what="kind of operation", name=code)
    return _kinds[code]


def list_kinds() -> tuple[KindDefinition, ...]:
    """Return every kind, as people are shown them."""
    return tuple(sorted(_kinds.values(), key=lambda kind: (kind.position, kind.code)))


def select_codes(has: Callable[[KindDefinition], bool]) -> tuple[str, ...]:
    """Return the codes of the kinds of which `has` is true."""
    return tuple(kind.code for kind in list_kinds() if has(kind))


def list_next_actions(state: InstanceState, instance_kind: str = InstanceKind.PRODUCTION) -> tuple[KindDefinition, ...]:
    """Return the kinds that an instance of that kind takes in `state`, as people are shown them; none while one
    runs."""
    return tuple(kind for kind in list_kinds() if kind.may_be_asked_in(state) and kind.is_for(instance_kind))
