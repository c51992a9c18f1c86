"""instance_provision."""

import pytest

from domain.fleet import ObservedNode
from domain.reservations import Reservation
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.management.commands.conftest import Answer
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_instance_is_provisioned_to_its_end(answer: Answer, engine: FakeEngine) -> None:
    make_instance_row()
    code, document = answer("instance_provision", "saint-paul", "--wait")
    assert (code, document["kind"], document["state"]) == (0, "provision", "succeeded")
    assert Instance.objects.get().state == "active"
    assert engine.count_effects("saint-paul")["run init"] == 1


def test_one_that_does_not_fit_is_refused_unless_that_is_wanted(answer: Answer, engine: FakeEngine) -> None:
    engine.nodes = (ObservedNode(name="small", allocatable=Reservation(100, 100)),)
    make_instance_row()
    code, document = answer("instance_provision", "saint-paul")
    assert (code, document["error"]["code"]) == (1, "capacity_exceeded")
    code, document = answer("instance_provision", "saint-paul", "--over-capacity", "--wait")
    assert (code, document["state"]) == (0, "succeeded")
