"""What a step is given."""

import pytest
from django.utils import timezone

from domain.states import OperationKind
from operations.outcomes import StepContext
from tenants.specs import make_instance_spec
from tests.engines import FakeEngine
from tests.operations.conftest import Request


@pytest.mark.django_db(transaction=True)
def test_a_context_shows_the_rows_own_values(ask: Request, engine: FakeEngine) -> None:
    operation = ask(OperationKind.DELETE)
    instance = operation.instance
    assert instance is not None
    step = operation.steps.get(position=0)
    context = StepContext(
        operation=operation,
        step=step,
        subject=instance,
        engine=engine,
        now=timezone.now(),
        save=lambda: None,
        log=lambda _message: None,
        make_spec=lambda components: make_instance_spec(instance, components=components),
    )
    context.data["found"] = 1
    context.step_data["run"] = 2
    assert context.parameters["final_backup"] is True
    assert operation.data["found"] == 1
    assert step.data == {"run": 2}
