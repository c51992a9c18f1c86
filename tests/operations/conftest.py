"""A fake engine that counts, a clock that is moved, and a way to run an operation to its end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone

from domain.states import ENDED_OPERATION_STATES, InstanceState
from engine.registry import register_engine
from operations.models import Operation
from operations.requests import request_operation
from operations.runner import run_operation
from tests.engines import FakeEngine
from tests.rows import make_instance_row

MOST_RUNS = 200

Request = Callable[..., Operation]
Finish = Callable[[Operation], Operation]


class MovedClock:
    """A clock that stands still until it is moved; begins ahead, so that what was just asked is due, however busy the
    machine is."""

    def __init__(self) -> None:
        self.now = timezone.now() + timedelta(seconds=20)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def engine(tmp_path: Path) -> FakeEngine:
    """The engine "fake" of this test."""
    fake = FakeEngine(tmp_path / "engine")
    register_engine("fake", lambda: fake)
    return fake


@pytest.fixture
def messages(settings: LazySettings) -> Path:
    """The broker's folder of messages, empty."""
    folder: Path = settings.BROKER_DIR / "messages"
    folder.mkdir(parents=True, exist_ok=True)
    for message in folder.glob("*.msg"):
        message.unlink()
    return folder


@pytest.fixture
def clock() -> MovedClock:
    """The runner's clock."""
    return MovedClock()


@pytest.fixture
def ask() -> Request:
    """Ask for an operation on a new instance that is in the right state for it."""

    def ask_for(
        kind: str,
        *,
        state: InstanceState = InstanceState.ACTIVE,
        slug: str = "saint-paul",
        **parameters: object,
    ) -> Operation:
        instance = make_instance_row(slug, state=state)
        return request_operation(kind=kind, instance=instance, requested_by="test", parameters=parameters)

    return ask_for


@pytest.fixture
def finish(clock: MovedClock) -> Finish:
    """Run an operation until it has ended, moving the clock over its waits."""

    def finish_it(operation: Operation) -> Operation:
        for _ in range(MOST_RUNS):
            next_run_at = run_operation(operation.public_id, clock=clock)
            operation.refresh_from_db()
            if operation.state in ENDED_OPERATION_STATES:
                return operation
            assert next_run_at is not None, f"{operation} stands still: {operation.state}"
            clock.now = max(clock.now, next_run_at)
        raise AssertionError(f"{operation} does not end")

    return finish_it
