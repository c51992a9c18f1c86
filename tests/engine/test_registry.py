"""An engine's name stands for one engine; an unknown name is an error with that name."""

from pathlib import Path

import pytest

from domain.errors import NotFound
from engine import registry
from engine.apps import make_local_engine
from engine.local.engine import LocalEngine
from engine.registry import get_engine, list_engines, list_registered, register_engine, register_resolver


@pytest.mark.django_db
def test_this_installation_has_the_local_engine() -> None:
    assert "local" in list_engines()
    assert isinstance(get_engine("local"), LocalEngine) and isinstance(make_local_engine(), LocalEngine)


def test_a_name_stands_for_what_was_registered(tmp_path: Path) -> None:
    register_engine("elsewhere", lambda: LocalEngine(tmp_path, ports=range(30000, 30010), account=None))
    engine = get_engine("elsewhere")
    assert isinstance(engine, LocalEngine) and engine.root == tmp_path.resolve()


def test_a_name_that_is_not_registered_is_looked_up_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_resolvers", [])
    made = LocalEngine(tmp_path, ports=range(30000, 30010), account=None)
    known = {"strasbourg": made, "local": LocalEngine(tmp_path / "other", ports=range(30000, 30010), account=None)}
    register_resolver(known.get, lambda: tuple(known))
    assert get_engine("strasbourg") is made and get_engine("local") is not known["local"]
    assert list_engines().count("local") == 1 and "strasbourg" in list_engines()
    assert "strasbourg" not in list_registered()
    del known["strasbourg"]
    with pytest.raises(NotFound):
        get_engine("strasbourg")


@pytest.mark.django_db
def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(NotFound) as refused:
        get_engine("nowhere")
    assert refused.value.params == {"what": "engine", "name": "nowhere"}
