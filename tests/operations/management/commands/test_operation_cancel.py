"""operation_cancel."""

from collections.abc import Callable

import pytest

from domain.states import OperationKind
from operations.models import Operation
from operations.runner import run_operation
from tests.operations.conftest import MovedClock, Request
from tests.operations.management.commands.conftest import Answer

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_cancel_ends_what_has_not_begun(answer: Answer, ask: Request, clock: MovedClock) -> None:
    operation = ask(OperationKind.SUSPEND)
    code, document = answer("operation_cancel", operation.public_id)
    assert (code, document["cancel_requested"]) == (0, True)
    run_operation(operation.public_id, clock=clock)
    assert Operation.objects.get().state == "cancelled"
    code, document = answer("operation_cancel", operation.public_id)
    assert (code, document["error"]["code"]) == (1, "operation_ended")


def test_a_cancel_under_way_is_said(ask: Request, lines: Callable[..., str]) -> None:
    operation = ask(OperationKind.SUSPEND)
    assert "s’arrête avant son étape suivante" in lines("operation_cancel", operation.public_id)
