"""What opening the tools takes, and where there is nothing to open."""

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import translation

from clusters.tools import MOST_MINUTES, TOOLS_PARAMETERS, describe_tools, refuse_without_pods
from domain.errors import CiviparoisseError, InvalidValue, render_error
from domain.states import InstanceState
from operations.permissions import may_ask
from operations.registry import get_kind
from operations.requests import describe_operation, request_operation
from tests.engines import FakeEngine
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("minutes", [0, MOST_MINUTES + 1, "many"])
def test_an_hour_is_the_most(engine: FakeEngine, minutes: object) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    with pytest.raises(InvalidValue) as refused:
        request_operation(kind="tools", instance=instance, requested_by="jeanne", parameters={"minutes": minutes})
    assert refused.value.params["field"] == TOOLS_PARAMETERS[0].name and engine.list_effects("saint-paul") == []


@pytest.mark.parametrize("state", [InstanceState.SUSPENDED, InstanceState.FAILED, InstanceState.NEW])
def test_only_an_active_instance_is_entered(engine: FakeEngine, state: InstanceState) -> None:
    with pytest.raises(CiviparoisseError) as refused:
        request_operation(kind="tools", instance=make_instance_row(state=state), requested_by="jeanne")
    assert refused.value.code == "state_forbids" and engine.list_effects("saint-paul") == []


def test_on_this_machine_the_refusal_says_where_to_work_instead() -> None:
    instance = make_instance_row(engine="local", state=InstanceState.ACTIVE)
    with pytest.raises(CiviparoisseError) as foreseen:
        describe_operation(kind="tools", instance=instance)
    with pytest.raises(CiviparoisseError) as refused:
        request_operation(kind="tools", instance=instance, requested_by="jeanne")
    assert foreseen.value.code == refused.value.code == "tools_on_machine"
    with translation.override("en"):
        message, hint = render_error(refused.value.code, refused.value.params)
    assert "no pod" in message and "/saint-paul/files" in hint and "db.sock" in hint


def test_what_will_happen_is_said_before(engine: FakeEngine) -> None:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    refuse_without_pods(instance, {})
    with translation.override("en"):
        lines = describe_tools(instance, {"minutes": 20})
    assert "saint-paul" in lines[0] and "20 minutes" in lines[0] and "live site" in lines[1]
    assert engine.list_effects("saint-paul") == []


def test_it_has_a_permission_of_its_own_and_a_red_button() -> None:
    person = User.objects.create_user("jeanne")
    for name in ("view_instance", "add_operation"):
        person.user_permissions.add(Permission.objects.get(codename=name))
    person = User.objects.get(pk=person.pk)
    assert may_ask(person, "backup") and not may_ask(person, "tools")
    person.user_permissions.add(Permission.objects.get(content_type__app_label="clusters", codename="open_tools"))
    assert may_ask(User.objects.get(pk=person.pk), "tools") and get_kind("tools").is_dangerous
