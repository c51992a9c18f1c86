"""What the doors read."""

import pytest
from django.utils import translation

from domain.errors import NotFound
from domain.states import InstanceState, OperationKind
from operations.selectors import (
    get_instance,
    get_operation,
    get_step_label,
    list_operations,
    make_error,
)
from tests.engines import FakeEngine
from tests.operations.conftest import Finish, Request

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_does_not_exist_is_named() -> None:
    with pytest.raises(NotFound) as refused:
        get_operation("op-0000000000")
    assert refused.value.params == {"what": "operation", "name": "op-0000000000"}
    with pytest.raises(NotFound) as refused:
        get_instance("nowhere")
    assert refused.value.params == {"what": "instance", "name": "nowhere"}


def test_operations_are_listed_newest_first_and_narrowed(ask: Request, engine: FakeEngine, finish: Finish) -> None:
    engine.set_up("saint-paul")
    ended = finish(ask(OperationKind.SUSPEND))
    active = ask(OperationKind.PROVISION, state=InstanceState.NEW, slug="saint-jean")
    assert list(list_operations()) == [active, ended]
    assert list(list_operations(instance="saint-paul")) == [ended]
    assert list(list_operations(kind="provision")) == [active]
    assert list(list_operations(state="succeeded")) == [ended]
    assert list(list_operations(active=True)) == [active]


def test_labels_and_errors_are_words_of_the_active_language(ask: Request) -> None:
    operation = ask(OperationKind.SUSPEND)
    step = operation.steps.get()
    with translation.override("en"):
        assert get_step_label(operation, step) == "Stop the servers and the cron"
        error = make_error("not_found", {"what": "instance", "name": "x"})
    assert error is not None
    assert error["message"] == "There is no instance named x."
    assert make_error("", {}) is None


def test_a_step_that_the_kind_no_longer_has_shows_its_name(ask: Request) -> None:
    operation = ask(OperationKind.SUSPEND)
    step = operation.steps.get()
    step.name = "old_step"
    assert get_step_label(operation, step) == "old_step"
