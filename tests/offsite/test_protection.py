"""When an instance counts as protected: only copies that were compared, and only of sets that are recent enough."""

import pytest
from django.utils import timezone

from domain.states import InstanceState
from offsite.models import BackupCopy, CopyState, Destination, DestinationKind, RecoveryKey
from offsite.protection import (
    answer_remote_copies,
    answer_sealed,
    find_protection,
    make_last_protected,
    select_damaged,
    select_unprotected,
)
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def paul() -> Instance:
    return make_instance_row(state=InstanceState.ACTIVE)


@pytest.fixture
def shelf() -> Destination:
    return Destination.objects.create(name="shelf", kind=DestinationKind.DIRECTORY)


def is_unprotected() -> bool:
    return select_unprotected(Instance.objects.all(), now=timezone.now()).exists()


def test_without_a_destination_nothing_is_late_and_the_checklist_says_no(paul: Instance) -> None:
    make_backup_row(paul, hours_ago=50, stored_bytes=1)
    assert not is_unprotected()
    answer = answer_remote_copies(paul, timezone.now())
    assert not answer.is_met and "destination" in answer.detail


@pytest.mark.parametrize("state", CopyState)
def test_only_a_copy_that_was_compared_protects(paul: Instance, shelf: Destination, state: CopyState) -> None:
    backup = make_backup_row(paul, hours_ago=25, stored_bytes=1)
    assert is_unprotected()
    BackupCopy.objects.create(backup=backup, destination=shelf, state=state)
    protects = state in (CopyState.CHECKED, CopyState.HELD)
    assert is_unprotected() is not protects
    assert answer_remote_copies(paul, timezone.now()).is_met is protects
    assert select_damaged(Instance.objects.all()).exists() == (state in (CopyState.MISSING, CopyState.DIFFERENT))


def test_a_set_of_less_than_a_day_has_time_and_an_old_copy_does_not_stand_for_a_new_set(
    paul: Instance, shelf: Destination
) -> None:
    old = make_backup_row(paul, hours_ago=49, stored_bytes=1)
    BackupCopy.objects.create(backup=old, destination=shelf, state=CopyState.CHECKED)
    newest = make_backup_row(paul, hours_ago=23, stored_bytes=1)
    assert not is_unprotected()
    make_backup_row(paul, hours_ago=30, stored_bytes=1)
    assert is_unprotected()
    BackupCopy.objects.create(backup=newest, destination=shelf, state=CopyState.CHECKED)
    assert not is_unprotected()


def test_the_age_of_what_is_elsewhere_is_told_beside_the_age_of_the_last_good_set(paul: Instance) -> None:
    now = timezone.now()
    old = make_backup_row(paul, hours_ago=49, stored_bytes=1)
    assert find_protection([paul.pk], now) == {}, "nothing is to be elsewhere"
    shelf = Destination.objects.create(name="shelf", kind=DestinationKind.DIRECTORY)
    nowhere = find_protection([paul.pk], now)[paul.pk]
    assert (nowhere.protected_at, nowhere.is_late) == (None, True)
    copy = BackupCopy.objects.create(backup=old, destination=shelf, state=CopyState.CHECKED)
    found = find_protection([paul.pk], now)[paul.pk]
    assert (found.protected_at, found.is_late) == (old.started_at, False)
    assert Instance.objects.annotate(at=make_last_protected("pk")).get().at == old.started_at  # type: ignore[attr-defined]
    BackupCopy.objects.filter(pk=copy.pk).update(state=CopyState.DIFFERENT)
    assert find_protection([paul.pk], now)[paul.pk].is_late


def test_the_checklist_asks_for_a_key_on_paper_that_was_tried() -> None:
    now = timezone.now()
    assert not answer_sealed(now)[0].is_met
    key = RecoveryKey.objects.create(recipient="age1x", created_by="x")
    assert not answer_sealed(now)[0].is_met
    RecoveryKey.objects.filter(pk=key.pk).update(proven_at=now)
    assert answer_sealed(now)[0].is_met
