"""operation_show."""

from collections.abc import Callable

import pytest

from domain.states import OperationKind
from tests.operations.conftest import Request
from tests.operations.management.commands.conftest import Answer

pytestmark = pytest.mark.django_db(transaction=True)


def test_steps_and_log_are_shown(answer: Answer, ask: Request, lines: Callable[..., str]) -> None:
    operation = ask(OperationKind.SUSPEND)
    document = answer("operation_show", operation.public_id)[1]
    assert [step["name"] for step in document["steps"]] == ["stop"]
    assert document["events"][0]["message"] == "requested by test"
    shown = lines("operation_show", operation.public_id)
    assert "demandée par test" in shown and "à venir    Arrêter les serveurs et le cron" in shown


def test_an_unknown_operation_is_exit_code_1(answer: Answer) -> None:
    code, document = answer("operation_show", "op-0000000000")
    assert (code, document["error"]["code"]) == (1, "not_found")
