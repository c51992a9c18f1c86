"""The two requests: whose operation it is, and the key that starts nothing twice."""

import pytest

from backups.requests import request_backup, request_restore
from domain.errors import InstanceBusy
from domain.specs import InstanceKind
from domain.states import InstanceState
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paul() -> Instance:
    """Saint-Paul in production."""
    return make_instance_row(state=InstanceState.ACTIVE)


def test_a_backup_is_asked_once_per_key(paul: Instance) -> None:
    first = request_backup(paul, requested_by="test", parameters={"mode": "cold"}, idempotency_key="k")
    second = request_backup(paul, requested_by="test", parameters={"mode": "cold"}, idempotency_key="k")
    assert first == second
    assert (first.kind, first.subject, first.parameters["mode"]) == ("backup", "saint-paul", "cold")
    with pytest.raises(InstanceBusy):
        request_backup(paul, requested_by="test")


def test_a_restore_in_place_is_the_instance_s_own(paul: Instance) -> None:
    asked = {"backup_id": make_backup_row(paul).backup_id, "confirm": "saint-paul"}
    operation = request_restore(paul, requested_by="test", parameters=asked)
    assert (operation.kind, operation.subject, operation.parameters["source"]) == (
        "restore",
        "saint-paul",
        "saint-paul",
    )


def test_a_copy_is_the_operation_of_what_gets_overwritten(paul: Instance) -> None:
    sandbox = Instance.objects.get(pk=paul.pk)
    sandbox.pk, sandbox._state.adding, sandbox.kind = None, True, InstanceKind.SANDBOX.value
    sandbox.identifier, sandbox.host = "saint-paul-sandbox", "www.sandbox.example.org"
    sandbox.save()
    asked = {"backup_id": make_backup_row(paul).backup_id, "confirm": "saint-paul-sandbox"}
    operation = request_restore(paul, requested_by="test", parameters=asked, target=sandbox)
    assert (operation.subject, operation.parameters["source"]) == ("saint-paul-sandbox", "saint-paul")
