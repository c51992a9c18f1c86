"""An event is a row and a line in the log."""

import pytest

from domain.states import OperationKind
from operations.journal import record_event
from tests.operations.conftest import Request


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_an_event_is_kept_and_logged(ask: Request, caplog: pytest.LogCaptureFixture, level: str) -> None:
    caplog.set_level("INFO", logger="operations")
    operation = ask(OperationKind.SUSPEND)
    record_event(operation, "something happened", level=level, step="stop")
    event = operation.events.last()
    assert event is not None
    assert (event.level, event.step, event.message) == (level, "stop", "something happened")
    record = caplog.records[-1]
    assert record.levelname == level.upper()
    assert record.getMessage() == f"{operation.public_id} suspend saint-paul [stop]: something happened"
