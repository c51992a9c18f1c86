"""Following an operation: it ends although no worker runs, and two who follow do not do it twice."""

import io
import threading

import pytest
from django.db import connection

from domain.states import InstanceState, OperationKind
from operations.claims import claim
from operations.follow import follow_operation
from operations.models import Operation
from operations.runner import run_operation
from tests.engines import FakeEngine
from tests.fleet import wait_until
from tests.operations.conftest import MovedClock, Request

pytestmark = pytest.mark.django_db(transaction=True)


class Terminal(io.StringIO):
    """A text file that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_without_a_worker_the_follower_does_the_work_and_tells_each_change(ask: Request, engine: FakeEngine) -> None:
    screen = io.StringIO()
    operation = follow_operation(ask(OperationKind.PROVISION, state=InstanceState.NEW), stdout=screen)
    assert operation.state == "succeeded"
    assert set(engine.count_effects("saint-paul").values()) == {1}
    lines = screen.getvalue().splitlines()
    assert len(lines) == len(set(lines)) > 3
    assert lines[-1].startswith(f"{operation.public_id} 100%")


def test_a_quiet_follower_writes_nothing(ask: Request, engine: FakeEngine) -> None:
    engine.set_up("saint-paul")
    screen = io.StringIO()
    follow_operation(ask(OperationKind.SUSPEND), stdout=screen, quiet=True)
    assert screen.getvalue() == ""


def test_a_terminal_gets_a_bar(ask: Request, engine: FakeEngine) -> None:
    engine.set_up("saint-paul")
    screen = Terminal()
    follow_operation(ask(OperationKind.SUSPEND), stdout=screen)
    assert "100%" in screen.getvalue()


def test_what_another_run_holds_is_only_watched(ask: Request, engine: FakeEngine, clock: MovedClock) -> None:
    engine.set_up("saint-paul")
    operation = ask(OperationKind.SUSPEND)
    lease = claim(operation.public_id, now=clock())
    assert lease is not None
    seen: list[str] = []

    def end_it_elsewhere() -> None:
        try:
            wait_until(lambda: bool(seen), seconds=120, what="the follower has looked")
            Operation.objects.update(lease_until=None, lease_owner="", next_run_at=None)
            run_operation(operation.public_id)
        finally:
            connection.close()

    class Screen(io.StringIO):
        def write(self, text: str) -> int:
            seen.append(text)
            return super().write(text)

    other = threading.Thread(target=end_it_elsewhere)
    other.start()
    ended = follow_operation(operation, stdout=Screen())
    other.join(20)
    assert ended.state == "succeeded"
    assert ended.events.filter(message="done").count() == 1


def test_the_time_to_undo_a_deletion_is_not_sat_out(ask: Request, engine: FakeEngine) -> None:
    engine.set_up("saint-paul")
    engine.deletion_grace_seconds = 86_400
    screen = io.StringIO()
    operation = follow_operation(ask(OperationKind.DELETE, final_backup=False, confirm="saint-paul"), stdout=screen)
    assert operation.state == "waiting" and operation.data["undo_until"]
    assert "purge" not in engine.list_effects("saint-paul")
