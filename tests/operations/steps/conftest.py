"""A step called as the runner calls it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from operations.models import Operation
from operations.outcomes import StepContext
from tenants.specs import make_instance_spec
from tests.engines import FakeEngine
from tests.operations.conftest import Request

MakeContext = Callable[..., StepContext]


@pytest.fixture
def make_context(ask: Request, engine: FakeEngine) -> MakeContext:
    """Return a context on the step `name` of a new operation, or on another step of `operation`."""

    def make(kind: str, name: str, *, operation: Operation | None = None, **asked: Any) -> StepContext:
        operation = operation or ask(kind, **asked)
        instance = operation.instance
        assert instance is not None
        return StepContext(
            operation=operation,
            step=operation.steps.get(name=name),
            subject=instance,
            engine=engine,
            now=timezone.now(),
            save=operation.save,
            log=lambda _message: None,
            make_spec=lambda components: make_instance_spec(instance, components=components),
        )

    return make
