"""The room for an instance is asked before it gets sizes, with the plan that it will have."""

import pytest

from domain.states import InstanceState
from operations import admission
from operations.admission import refuse_without_room, register_capacity_check
from tenants.models import Instance, Plan
from tests.rows import make_instance_row, make_plan_row

pytestmark = pytest.mark.django_db
ASKED: list[tuple[str, str]] = []


def note(instance: Instance, plan: Plan) -> None:
    """A check of this test."""
    ASKED.append((instance.identifier, plan.name))


@pytest.fixture(autouse=True)
def _checked(monkeypatch: pytest.MonkeyPatch) -> None:
    ASKED.clear()
    monkeypatch.setattr(admission, "_checks", [])
    register_capacity_check(note)
    register_capacity_check(note)


def test_the_present_plan_or_the_one_that_is_named_is_asked_for_once() -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    larger = make_plan_row("larger")
    refuse_without_room(instance, {})
    refuse_without_room(instance, {"plan": larger.name})
    assert ASKED == [("saint-paul", instance.plan.name), ("saint-paul", "larger")]


def test_nobody_is_asked_when_it_is_known_or_when_nothing_is_held() -> None:
    refuse_without_room(make_instance_row(), {"over_capacity": True})
    refuse_without_room(make_instance_row("sainte-marie", state=InstanceState.SUSPENDED), {})
    assert ASKED == []
