"""The form of a destination: faults stand beside their fields, secrets are kept, a loss is ticked."""

import pytest

from console.destinations.forms import DestinationForm
from domain.states import InstanceState
from offsite.destinations import create_destination
from offsite.models import Destination
from tests.backups.rows import make_backup_row
from tests.offsite.places import make_copy
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
SECRET = "a secret of the destination"


def fill(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {"name": "s3", "kind": "s3", "enabled": "on", "at_most": 2, "bandwidth_kib": 0}
    values |= {"lock_mode": "none", "lock_days": 0, "s3__bucket": "copies", "s3__access_key_id": "reader"}
    return {**values, "s3__secret_access_key": SECRET, **changes}


@pytest.fixture
def row() -> Destination:
    data = {"name": "s3", "kind": "s3", "bucket": "copies", "access_key_id": "reader", "secret_access_key": SECRET}
    return create_destination(data, requested_by="test")


def test_settings_are_those_of_the_kind() -> None:
    form = DestinationForm(fill(sftp__host="ignored"))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["data"]["bucket"] == "copies" and "host" not in form.cleaned_data["data"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"s3__bucket": "A"}, "s3__bucket"),
        ({"s3__secret_access_key": ""}, "s3__secret_access_key"),
        ({"s3__write_access_key_id": "x"}, "s3__write_access_key_id"),
        ({"lock_mode": "governance"}, "lock_days"),
        ({"at_most": 0}, "at_most"),
        ({"kind": "sftp"}, "sftp__host"),
    ],
)
def test_a_fault_stands_beside_its_field(changes: dict[str, object], field: str) -> None:
    assert field in DestinationForm(fill(**changes)).errors


def test_a_secret_is_kept_when_nothing_is_typed_and_never_shown(row: Destination) -> None:
    form = DestinationForm(fill(s3__secret_access_key=""), instance=row)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["data"]["secret_access_key"] == SECRET
    assert SECRET not in form.as_p() and SECRET not in DestinationForm(instance=row).as_p()


def test_what_is_nowhere_else_is_given_up_only_with_a_tick(row: Destination) -> None:
    make_copy(make_backup_row(make_instance_row(state=InstanceState.ACTIVE), state="deleted"), row)
    out = fill()
    del out["enabled"]
    assert "accept_loss" in DestinationForm(out, instance=Destination.objects.get()).errors
    assert DestinationForm({**out, "accept_loss": "on"}, instance=Destination.objects.get()).is_valid()
