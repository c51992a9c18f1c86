"""An engine's name stands for one engine; an unknown name is an error with that name."""

from pathlib import Path

import pytest

from civiparoisse.apps import make_local_engine
from domain.errors import NotFound
from engine.local.engine import LocalEngine
from engine.registry import get_engine, list_engines, register_engine


def test_this_installation_has_the_local_engine() -> None:
    assert "local" in list_engines()
    assert isinstance(get_engine("local"), LocalEngine) and isinstance(make_local_engine(), LocalEngine)


def test_a_name_stands_for_what_was_registered(tmp_path: Path) -> None:
    register_engine("elsewhere", lambda: LocalEngine(tmp_path, ports=range(30000, 30010), account=None))
    engine = get_engine("elsewhere")
    assert isinstance(engine, LocalEngine) and engine.root == tmp_path.resolve()


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(NotFound) as refused:
        get_engine("nowhere")
    assert refused.value.params == {"what": "engine", "name": "nowhere"}
