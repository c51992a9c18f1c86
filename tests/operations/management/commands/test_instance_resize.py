"""instance_resize: a plan by its name, told before it is done."""

import pytest

from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState
from operations.models import Operation
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.management.commands.conftest import Answer
from tests.rows import make_instance_row, make_plan_row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def active(engine: FakeEngine) -> Instance:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    make_plan_row("large", db_gibibytes=3)
    return make_instance_row(state=InstanceState.ACTIVE)


def test_a_plan_is_given_and_taken_back(answer: Answer) -> None:
    code, document = answer("instance_resize", "saint-paul", "--plan", "large", "--wait")
    assert (code, document["state"], document["result"]["plan"]) == (0, "succeeded", "large")
    assert Instance.objects.get().plan.name == "large"
    code, document = answer("instance_resize", "saint-paul", "--plan", "test", "--wait")
    assert (code, document["state"], document["result"]["plan"]) == (0, "succeeded", "test")


def test_a_dry_run_changes_nothing(answer: Answer) -> None:
    code, document = answer("instance_resize", "saint-paul", "--plan", "large", "--dry-run")
    assert (code, document["parameters"]) == (0, {"plan": "large"})
    assert not Operation.objects.exists()
