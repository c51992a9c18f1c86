"""Sets that are not on their volume: whoever has them is asked, and a run under way is seen to its end."""

from types import SimpleNamespace
from typing import Any

import pytest

from backups import elsewhere
from backups.elsewhere import BRINGING_KEY, bring_back, is_elsewhere, register_elsewhere
from operations.outcomes import Done, Wait


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "_places", [])


def make_context(**data: object) -> Any:
    return SimpleNamespace(step_data=data)


def test_without_a_place_a_missing_set_is_nowhere() -> None:
    backup: Any = object()
    assert not is_elsewhere(backup)
    assert bring_back(make_context(), backup, is_here=False) is None
    assert isinstance(bring_back(make_context(), backup, is_here=True), Done)


def test_the_place_that_has_it_brings_it_and_is_asked_until_it_is_done() -> None:
    backup: Any = object()
    register_elsewhere(lambda _context, _backup: Wait(), lambda one: one is backup)
    assert is_elsewhere(backup)
    assert isinstance(bring_back(make_context(), backup, is_here=False), Wait)
    assert isinstance(bring_back(make_context(), backup, is_here=True), Done)
    assert isinstance(bring_back(make_context(**{BRINGING_KEY: 1}), backup, is_here=True), Wait)
    other: Any = object()
    assert bring_back(make_context(), other, is_here=False) is None
