"""A local engine for one test, and one shared by a module with a provisioned parish."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from domain.specs import InstanceSpec
from engine.local.engine import LocalEngine
from tests.builders import make_spec
from tests.local_engines import provision, running_local_engine


@dataclass(frozen=True)
class RunningParish:
    """An instance that runs on an engine of its own."""

    engine: LocalEngine
    spec: InstanceSpec


@pytest.fixture
def local_engine() -> Iterator[LocalEngine]:
    """An engine on an empty root."""
    with running_local_engine() as engine:
        yield engine


@pytest.fixture(scope="module")
def parish() -> Iterator[RunningParish]:
    """Saint-Paul, provisioned and running; shared by the tests of a module."""
    with running_local_engine() as engine:
        spec = make_spec("saint-paul")
        provision(engine, spec)
        yield RunningParish(engine=engine, spec=spec)
