"""What policies let go elsewhere is removed by itself, by ordinary operations that say what they freed."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone

from backups.policies import choose_policy, create_policy
from domain.states import OperationState
from offsite.models import BackupCopy, CopyState, Destination
from offsite.pruning import PAUSE, request_copy_prunings
from operations.models import Operation
from tenants.models import Instance
from tests.backups.conftest import MakeInstance
from tests.offsite.places import SEALED_BYTES, list_objects, make_nightly_copies
from tests.operations.conftest import Finish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paul(make_instance: MakeInstance, destination: Destination, away: Path) -> Instance:
    """Saint-Paul, of which the last two sets are kept, with four copies at one place."""
    instance = make_instance()
    policy = create_policy({"name": "two", "label": "x", "keep_last": 2}, requested_by="test")
    choose_policy(instance, policy, requested_by="test")
    make_nightly_copies(instance, destination, away, nights=4)
    return instance


@pytest.mark.usefixtures("paul")
def test_it_is_an_operation_that_says_what_it_freed(finish: Finish, away: Path) -> None:
    assert request_copy_prunings(now=timezone.now()) == ["saint-paul"]
    assert request_copy_prunings(now=timezone.now()) == []
    operation = finish(Operation.objects.get())
    assert (operation.kind, operation.requested_by, operation.state) == ("prune_copies", "manager", "succeeded")
    assert operation.result == {
        "removed_copies": 2,
        "freed_bytes": 2 * SEALED_BYTES,
        "held_until": {},
        "hidden_objects": 0,
        "kept": [],
    }
    states = BackupCopy.objects.order_by("backup__started_at").values_list("state", flat=True)
    assert list(states) == ["gone", "gone", "checked", "checked"]
    assert len(list_objects(away)) == 2
    assert request_copy_prunings(now=timezone.now()) == []


def test_one_that_failed_is_asked_again_later_and_a_switch_stops_all(paul: Instance, settings: LazySettings) -> None:
    now = timezone.now()
    assert request_copy_prunings(now=now) == [paul.identifier]
    Operation.objects.update(lock=None, state=OperationState.FAILED, ended_at=now)
    assert request_copy_prunings(now=now) == []
    assert request_copy_prunings(now=now + PAUSE + timedelta(minutes=1)) == [paul.identifier]
    Operation.objects.all().delete()
    settings.PRUNING = False
    assert request_copy_prunings(now=now) == []


def test_copies_of_a_deleted_instance_go_by_the_same_rule(paul: Instance, finish: Finish) -> None:
    Instance.objects.update(state="deleted")
    assert request_copy_prunings(now=timezone.now()) == [paul.identifier]
    assert finish(Operation.objects.get()).state == "succeeded"
    assert BackupCopy.objects.filter(state=CopyState.GONE).count() == 2
