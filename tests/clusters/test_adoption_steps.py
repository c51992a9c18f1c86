"""An adoption takes passwords over before it leaves its mark, and never what nobody typed."""

import pytest

from domain.errors import CiviparoisseError
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState, OperationState
from operations.confirmation import refuse_unconfirmed
from operations.requests import request_operation
from tenants.models import Instance
from tests.engines import FakeEngine
from tests.operations.conftest import Finish
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("state", [InstanceState.NEW, InstanceState.FAILED])
def test_an_instance_of_another_manager_becomes_ours_with_its_passwords(
    engine: FakeEngine, finish: Finish, state: InstanceState
) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS, manager="them")
    engine.adoptable_secrets = {"db_password": "theirs", "manifest_key": "k" * 43}
    instance = make_instance_row(state=state)
    asked = {"confirm": "saint-paul"}
    operation = finish(request_operation(kind="adopt", instance=instance, requested_by="jeanne", parameters=asked))
    assert (operation.state, operation.requested_by) == (OperationState.SUCCEEDED, "jeanne")
    row = Instance.objects.get()
    assert (row.state, row.secrets["db_password"]) == (InstanceState.ACTIVE, "theirs") and row.secrets["site_key"]
    assert engine.observe("saint-paul").manager == "" and engine.count_effects("saint-paul")["adopt"] == 1
    assert "theirs" not in str(operation.data) + str(operation.result)


def test_it_is_typed() -> None:
    with pytest.raises(CiviparoisseError) as refused:
        refuse_unconfirmed("adopt", "saint-paul", {"confirm": "saint-pau"})
    assert refused.value.code == "confirmation_mismatch"
    refuse_unconfirmed("adopt", "saint-paul", {"confirm": "saint-paul"})
