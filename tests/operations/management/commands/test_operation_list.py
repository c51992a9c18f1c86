"""operation_list."""

import re
from collections.abc import Callable

import pytest

from domain.states import InstanceState, OperationKind
from tests.operations.conftest import Request
from tests.operations.management.commands.conftest import Answer

pytestmark = pytest.mark.django_db(transaction=True)


def test_operations_are_listed_and_narrowed(answer: Answer, ask: Request, lines: Callable[..., str]) -> None:
    first = ask(OperationKind.SUSPEND)
    second = ask(OperationKind.PROVISION, state=InstanceState.NEW, slug="saint-jean")

    def list_ids(*words: str) -> list[str]:
        return [operation["id"] for operation in answer("operation_list", *words)[1]["operations"]]

    assert list_ids() == [second.public_id, first.public_id]
    assert list_ids("--instance", "saint-paul") == [first.public_id]
    assert list_ids("--kind", "provision", "--active") == [second.public_id]
    assert list_ids("--limit", "1") == [second.public_id]
    assert lines("operation_list").count("\n") == 2


def test_a_name_that_nobody_had_is_a_refusal_and_nothing_found_is_said(
    answer: Answer, ask: Request, lines: Callable[..., str]
) -> None:
    code, document = answer("operation_list", "--instance", "nowhere")
    assert (code, document["error"]["code"]) == (1, "not_found")
    assert lines("operation_list") == "Aucune opération.\n"
    ask(OperationKind.SUSPEND)
    listed = lines("operation_list")
    assert "suspension saint-paul: en file d’attente" in listed
    assert re.match(r"\d{2}/\d{2}/\d{4} \d{2}:\d{2} test op-", listed), "when and by whom"
    assert lines("operation_list", "--kind", "delete") == "Aucune opération.\n"
