"""When an instance counts as protected: as many checked copies in different places as its policy wants."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backups.models import BackupState
from backups.policies import choose_policy, create_policy
from domain.states import InstanceState
from offsite.models import PROTECTING, BackupCopy, CopyState, Destination, DestinationKind, RecoveryKey
from offsite.protection import (
    BELIEVED_FOR,
    answer_remote_copies,
    answer_sealed,
    find_protection,
    get_last_protected,
    select_damaged,
    select_unprotected,
)
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.offsite.places import make_copy
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def paul() -> Instance:
    return make_instance_row(state=InstanceState.ACTIVE)


@pytest.fixture
def shelf() -> Destination:
    return Destination.objects.create(name="shelf", kind=DestinationKind.DIRECTORY, place="shelf")


def want(instance: Instance, copies: int, *, name: str = "") -> None:
    values = {"name": name or f"copies-{copies}", "label": "x", "keep_last": 2, "copies_wanted": copies}
    choose_policy(instance, create_policy(values, requested_by="test"), requested_by="test")


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
    assert is_unprotected() and get_last_protected(paul) is None
    make_copy(backup, shelf, state=state)
    protects = state in PROTECTING
    assert is_unprotected() is not protects
    assert get_last_protected(paul) == (backup.started_at if protects else None)
    assert answer_remote_copies(paul, timezone.now()).is_met is protects
    assert select_damaged(Instance.objects.all()).exists() == (state in (CopyState.MISSING, CopyState.DIFFERENT))


def test_a_set_of_less_than_a_day_has_time_and_an_old_copy_does_not_stand_for_a_new_set(
    paul: Instance, shelf: Destination
) -> None:
    old = make_backup_row(paul, hours_ago=49, stored_bytes=1)
    make_copy(old, shelf)
    newest = make_backup_row(paul, hours_ago=23, stored_bytes=1)
    assert not is_unprotected()
    make_backup_row(paul, hours_ago=30, stored_bytes=1)
    assert is_unprotected()
    make_copy(newest, shelf)
    assert not is_unprotected()


def test_as_many_different_places_as_the_policy_wants(paul: Instance, shelf: Destination) -> None:
    want(paul, 2)
    backup = make_backup_row(paul, hours_ago=25, stored_bytes=1)
    make_copy(backup, shelf)
    assert is_unprotected() and not answer_remote_copies(paul, timezone.now()).is_met
    same = Destination.objects.create(name="same", kind=DestinationKind.DIRECTORY, place="shelf")
    make_copy(backup, same)
    assert is_unprotected(), "two names of one place are one place"
    attic = Destination.objects.create(name="attic", kind=DestinationKind.DIRECTORY, place="attic")
    there = make_copy(backup, attic)
    assert not is_unprotected() and get_last_protected(paul) == backup.started_at
    want(paul, 3)
    assert is_unprotected() and get_last_protected(paul) is None
    want(paul, 2, name="two-again")
    answer = answer_remote_copies(paul, timezone.now())
    assert answer.is_met and "2" in answer.detail
    BackupCopy.objects.filter(pk=there.pk).update(state=CopyState.DIFFERENT)
    assert is_unprotected()


def test_two_halves_of_two_sets_protect_neither(paul: Instance, shelf: Destination) -> None:
    want(paul, 2)
    attic = Destination.objects.create(name="attic", kind=DestinationKind.DIRECTORY, place="attic")
    for hours, place in ((49, shelf), (25, attic)):
        make_copy(make_backup_row(paul, hours_ago=hours, stored_bytes=1), place)
    assert is_unprotected() and get_last_protected(paul) is None


def test_a_policy_that_wants_none_is_never_late_and_never_met(paul: Instance, shelf: Destination) -> None:
    want(paul, 0)
    make_copy(make_backup_row(paul, hours_ago=25, stored_bytes=1), shelf)
    assert not is_unprotected() and get_last_protected(paul) is None
    assert not answer_remote_copies(paul, timezone.now()).is_met


@pytest.mark.parametrize("change", ["out of use", "silent for long"])
def test_a_place_that_nobody_asks_or_that_tells_nothing_protects_no_longer(
    paul: Instance, shelf: Destination, change: str
) -> None:
    Destination.objects.create(name="other", kind=DestinationKind.DIRECTORY, place="other")
    make_copy(make_backup_row(paul, hours_ago=25, stored_bytes=1), shelf)
    assert not is_unprotected()
    if change == "out of use":
        Destination.objects.filter(pk=shelf.pk).update(enabled=False)
    else:
        BackupCopy.objects.update(checked_at=timezone.now() - BELIEVED_FOR - timedelta(hours=1))
    assert is_unprotected() and get_last_protected(paul) is None


def test_a_set_that_its_volume_lost_is_protected_by_its_copies(paul: Instance, shelf: Destination) -> None:
    backup = make_backup_row(paul, hours_ago=25, stored_bytes=1, state=BackupState.FAILED)
    make_copy(backup, shelf)
    assert get_last_protected(paul) == backup.started_at


def test_the_age_of_what_is_elsewhere_is_told_beside_the_age_of_the_last_good_set(paul: Instance) -> None:
    now = timezone.now()
    old = make_backup_row(paul, hours_ago=49, stored_bytes=1)
    assert find_protection([paul.pk], now) == {}, "nothing is to be elsewhere"
    place = Destination.objects.create(name="shelf", kind=DestinationKind.DIRECTORY, place="shelf")
    nowhere = find_protection([paul.pk], now)[paul.pk]
    assert (nowhere.protected_at, nowhere.is_late) == (None, True)
    copy = make_copy(old, place)
    found = find_protection([paul.pk], now)[paul.pk]
    assert (found.protected_at, found.is_late) == (old.started_at, False)
    BackupCopy.objects.filter(pk=copy.pk).update(state=CopyState.DIFFERENT)
    assert find_protection([paul.pk], now)[paul.pk].is_late
    want(paul, 0)
    assert find_protection([paul.pk], now) == {}, "its policy wants no copy"


def test_the_checklist_asks_for_a_key_on_paper_that_was_tried() -> None:
    now = timezone.now()
    assert not answer_sealed(now)[0].is_met
    key = RecoveryKey.objects.create(recipient="age1x", created_by="x")
    assert not answer_sealed(now)[0].is_met
    RecoveryKey.objects.filter(pk=key.pk).update(proven_at=now)
    assert answer_sealed(now)[0].is_met
