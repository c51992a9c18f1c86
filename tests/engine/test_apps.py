"""The app registers its engine; of the whole package it alone knows Django."""

import tomllib

from engine import registry
from engine.apps import make_local_engine
from tests.gates.source import ROOT


def test_the_local_engine_is_registered_by_its_own_app() -> None:
    assert registry._factories["local"] is make_local_engine


def test_every_other_module_is_in_the_contract_against_django() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = [contract for contract in contracts if contract["name"].startswith("Engines and vocabulary")]
    held = {name for name in contract["source_modules"] if name.startswith("engine.")}
    there = {
        path.stem for path in (ROOT / "engine").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert held == {f"engine.{name}" for name in there - {"__init__", "apps"}}
