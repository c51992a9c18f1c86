"""instance_provision."""

import pytest

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
