"""Which copies a request means, and how it is refused."""

from pathlib import Path

import pytest

from domain.errors import CiviparoisseError, InvalidValue
from domain.states import InstanceState
from offsite.models import BackupCopy, CopyState, Destination
from offsite.prune_parameters import find_copies, name_copy
from operations.registry import get_kind
from operations.requests import describe_operation
from tenants.models import Instance
from tests.offsite.places import make_nightly_copies
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
check = get_kind("prune_copies").check


@pytest.fixture
def paul(destination: Destination, away: Path) -> Instance:
    instance = make_instance_row(state=InstanceState.ACTIVE)
    make_nightly_copies(instance, destination, away, nights=33)
    return instance


def test_the_policy_decides_and_the_request_keeps_the_exact_list(paul: Instance) -> None:
    checked = check(paul, {"confirm": "saint-paul"})
    copies = find_copies(paul, checked["copies"])
    assert 1 <= len(copies) <= 3 and [name_copy(copy) for copy in copies] == checked["copies"]
    assert [copy.backup.started_at for copy in copies] == sorted(copy.backup.started_at for copy in copies)
    described = describe_operation(kind="prune_copies", instance=paul, parameters={"confirm": "saint-paul"})
    assert "shelf" in described.sentences[0] and str(len(copies)) in described.sentences[0]


def test_unconfirmed_or_nothing_to_do_is_refused(paul: Instance) -> None:
    with pytest.raises(CiviparoisseError) as refused:
        check(paul, {"confirm": "saint-jean"})
    assert refused.value.code == "prune_unconfirmed"
    BackupCopy.objects.update(state=CopyState.GONE)
    with pytest.raises(CiviparoisseError) as refused:
        check(paul, {"confirm": "saint-paul"})
    assert refused.value.code == "no_copies_to_prune"


def test_everything_goes_only_of_a_deleted_instance(paul: Instance) -> None:
    asked = {"everything": True, "confirm": "saint-paul"}
    with pytest.raises(InvalidValue):
        check(paul, asked)
    Instance.objects.update(state=InstanceState.DELETED)
    paul.refresh_from_db()
    Destination.objects.update(enabled=False)
    assert len(check(paul, asked)["copies"]) == 33


def test_parts_of_earlier_names_are_asked_for_too(paul: Instance) -> None:
    newest = BackupCopy.objects.order_by("-backup__started_at")[0]
    BackupCopy.objects.filter(pk=newest.pk).update(left_names=["a" * 32])
    assert check(paul, {"confirm": "saint-paul"})["copies"][-1] == name_copy(newest)
