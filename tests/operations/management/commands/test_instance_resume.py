"""instance_resume."""

import pytest

from domain.states import InstanceState
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.management.commands.conftest import Answer
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_suspended_instance_is_resumed_and_answers(answer: Answer, engine: FakeEngine) -> None:
    make_instance_row(state=InstanceState.SUSPENDED)
    engine.set_up("saint-paul")
    code, document = answer("instance_resume", "saint-paul", "--wait")
    assert (code, document["result"]["url"]) == (0, "http://saint-paul.test")
    assert Instance.objects.get().state == "active"
