"""instance_suspend."""

import pytest

from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.management.commands.conftest import Answer
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_instance_is_suspended(answer: Answer, engine: FakeEngine) -> None:
    make_instance_row(state=InstanceState.ACTIVE)
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    assert answer("instance_suspend", "saint-paul", "--wait")[0] == 0
    assert Instance.objects.get().state == "suspended"
    assert engine.list_effects("saint-paul") == ["stop cron", "stop db", "stop httpd"]


def test_an_instance_that_never_ran_cannot_be_suspended(answer: Answer) -> None:
    make_instance_row()
    code, document = answer("instance_suspend", "saint-paul")
    assert (code, document["error"]["code"]) == (1, "state_forbids")
