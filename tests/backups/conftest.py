"""Rows with the fake engine for the order of things, and real instances of the local engine for the things."""

from collections.abc import Callable, Iterator

import pytest

from domain.specs import ALL_COMPONENTS, Component
from domain.states import InstanceState, OperationKind
from engine.registry import register_engine
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance
from tests.backups.parishes import ENGINE, Parishes
from tests.engines import FakeEngine
from tests.local_engines import running_local_engine
from tests.operations.conftest import Finish, clock, engine, finish  # noqa: F401 - fixtures
from tests.rows import make_instance_row

MakeInstance = Callable[..., Instance]
Begin = Callable[..., Operation]


@pytest.fixture
def make_instance(engine: FakeEngine) -> MakeInstance:  # noqa: F811 - the fixture
    """Make a row and, at the fake engine, the instance as an earlier provisioning left it."""

    def make(
        slug: str = "saint-paul",
        *,
        state: InstanceState = InstanceState.ACTIVE,
        running: frozenset[Component] | None = None,
    ) -> Instance:
        runs = ALL_COMPONENTS if state is InstanceState.ACTIVE else frozenset[Component]()
        engine.set_up(slug, running=runs if running is None else running)
        return make_instance_row(slug, state=state)

    return make


@pytest.fixture
def begin() -> Begin:
    """Ask for an operation on an instance."""

    def begin_it(kind: str, instance: Instance, **parameters: object) -> Operation:
        return request_operation(kind=kind, instance=instance, requested_by="test", parameters=parameters)

    return begin_it


@pytest.fixture
def backed_up(make_instance: MakeInstance, begin: Begin, finish: Finish) -> tuple[Instance, str]:  # noqa: F811
    """An active instance and the identifier of a good backup of it."""
    instance = make_instance()
    operation = finish(begin(OperationKind.BACKUP, instance))
    instance.refresh_from_db()
    return instance, operation.result["backup_id"]


@pytest.fixture(scope="module")
def parishes() -> Iterator[Parishes]:
    """Real instances, made on first use and shared by the tests of one module; every test leaves them working."""
    with running_local_engine() as real:
        register_engine(ENGINE, lambda: real)
        yield Parishes(real)
