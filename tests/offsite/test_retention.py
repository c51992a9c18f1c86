"""Every destination keeps by itself what the rule says; the last good one never goes."""

import os
import random
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from backups.models import BackupState
from domain.states import InstanceState
from offsite.models import PROTECTING, BackupCopy, CopyState, Destination, DestinationKind
from offsite.retention import decide_copies, select_let_go
from programs.sets.retention import RetentionRule
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.offsite.places import make_copy, make_nightly_copies
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
TWO = RetentionRule(keep_last=2)
SEED = int(os.environ.get("RANDOM_SEED") or random.randrange(10**6))


@pytest.fixture
def paul() -> Instance:
    return make_instance_row(state=InstanceState.ACTIVE)


def list_leaving(instance: Instance, rule: RetentionRule = TWO) -> list[BackupCopy]:
    now = timezone.now()
    return select_let_go(decide_copies(instance, rule, now=now), now=now)


def test_what_newer_copies_stand_for_goes(paul: Instance, destination: Destination, away: Path) -> None:
    copies = make_nightly_copies(paul, destination, away, nights=4)
    assert list_leaving(paul) == [copies[3], copies[2]]


def test_a_place_that_got_nothing_for_long_keeps_what_it_has(
    paul: Instance, destination: Destination, away: Path
) -> None:
    other = Destination.objects.create(name="attic", kind=DestinationKind.DIRECTORY, settings={"path": "/x"})
    copies = make_nightly_copies(paul, destination, away, nights=5)
    old = [make_copy(copy.backup, other) for copy in copies[3:]]
    assert list_leaving(paul) == copies[:1:-1]
    assert all(fate.decision.keep for fate in decide_copies(paul, TWO, now=timezone.now()) if fate.copy in old)


def test_damaged_copies_push_no_good_one_out_and_stay_as_long_as_their_set_is_worth_it(
    paul: Instance, destination: Destination, away: Path
) -> None:
    copies = make_nightly_copies(paul, destination, away, nights=5)
    for copy, state in zip(copies, (CopyState.MISSING, CopyState.DIFFERENT), strict=False):
        BackupCopy.objects.filter(pk=copy.pk).update(state=state)
    assert list_leaving(paul) == copies[4:]


def test_a_lock_is_not_asked_again_before_its_end(paul: Instance, destination: Destination, away: Path) -> None:
    copies = make_nightly_copies(paul, destination, away, nights=3)
    BackupCopy.objects.filter(pk=copies[2].pk).update(state=CopyState.HELD, held_until=timezone.now() + timedelta(1))
    assert list_leaving(paul) == []
    BackupCopy.objects.filter(pk=copies[2].pk).update(held_until=timezone.now() - timedelta(minutes=1))
    assert list_leaving(paul) == [copies[2]]


def test_what_never_began_goes_once_its_set_is_gone(paul: Instance, destination: Destination, away: Path) -> None:
    make_nightly_copies(paul, destination, away, nights=2)
    waiting = make_copy(make_backup_row(paul, hours_ago=200, stored_bytes=1), destination, state=CopyState.WAITING)
    assert list_leaving(paul) == []
    waiting.backup.state = BackupState.DELETED
    waiting.backup.save()
    assert list_leaving(paul) == [waiting]


def test_a_removal_that_stopped_half_way_goes_on(paul: Instance, destination: Destination, away: Path) -> None:
    copies = make_nightly_copies(paul, destination, away, nights=2)
    BackupCopy.objects.filter(pk=copies[0].pk).update(state=CopyState.REMOVING)
    assert list_leaving(paul) == [copies[0]]


def test_nothing_is_asked_of_a_destination_out_of_use(paul: Instance, destination: Destination, away: Path) -> None:
    make_nightly_copies(paul, destination, away, nights=4)
    Destination.objects.update(enabled=False)
    assert list_leaving(paul) == []


def test_whatever_happened_the_newest_good_copy_of_each_place_stays(paul: Instance) -> None:
    print(f"RANDOM_SEED={SEED}")  # noqa: T201 - repeats the run
    chance = random.Random(SEED)
    places = [Destination.objects.create(name=f"p{number}", kind=DestinationKind.DIRECTORY) for number in range(3)]
    for number in range(30):
        backup = make_backup_row(
            paul, hours_ago=number * 20 + 1, stored_bytes=1, scope=chance.choice(["full", "files"])
        )
        for place in chance.sample(places, chance.randint(0, 3)):
            make_copy(backup, place, state=chance.choice(list(CopyState)))
    for _ in range(5):
        rule = RetentionRule(keep_last=chance.randint(0, 3), keep_weekly=chance.randint(0, 2))
        leaving = set(list_leaving(paul, rule))
        for place in places:
            for scope in ("full", "files"):
                rows = BackupCopy.objects.filter(destination=place, backup__scope=scope, state__in=PROTECTING)
                newest = rows.order_by("-backup__started_at").first()
                assert newest is None or newest not in leaving
