"""Once a month a copy is opened whole; a destination that lies about what it has is found by that."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from backups.holders import list_holders
from domain.errors import CiviparoisseError
from domain.states import InstanceState, OperationKind
from offsite.comparing import compare_copy
from offsite.models import BackupCopy, CopyState, Destination, DestinationKind
from offsite.opening import AT_ONCE, OPEN_AFTER, begin_due, choose_copy, list_due, open_copies
from offsite.removal import remove_copy
from tests.backups.parishes import Parishes
from tests.backups.rows import make_backup_row
from tests.local_engines import wait_until
from tests.offsite.conftest import COPY_SECONDS, carry_to_end
from tests.offsite.places import make_copy
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


def open_to_end() -> BackupCopy:
    """Do what the clock does until the only copy's opening has ended."""
    open_copies(now=timezone.now())

    def has_ended() -> bool:
        open_copies(now=timezone.now())
        return not BackupCopy.objects.exclude(run="").exists()

    wait_until(has_ended, "the opening ends", seconds=COPY_SECONDS)
    return BackupCopy.objects.select_related("backup__instance__tenant", "destination").get()


@pytest.mark.usefixtures("recovery", "destination")
def test_a_copy_is_opened_whole_and_what_does_not_open_is_different(parishes: Parishes, away: Path) -> None:
    paul = parishes.get()
    parishes.run(OperationKind.BACKUP, paul)
    carry_to_end()
    before = set(parishes.directory(paul).glob("backups/*"))
    opened = open_to_end()
    assert opened.opened_at is not None and opened.state == CopyState.CHECKED and not opened.error_code
    assert set(parishes.directory(paul).glob("backups/*")) == before, "nothing is kept of it"
    assert list_due(now=timezone.now()) == []
    # It is due again a month later; meanwhile a bit has turned.
    BackupCopy.objects.update(opened_at=timezone.now() - OPEN_AFTER - timedelta(hours=1))
    part = max((path for path in away.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    found = open_to_end()
    assert (found.state, found.error_params["code"]) == (CopyState.DIFFERENT, "copy_differs")
    assert compare_copy(found, now=timezone.now()) is CopyState.DIFFERENT


def test_the_place_that_was_opened_longest_ago_is_next(destination: Destination) -> None:
    paul = make_instance_row(state=InstanceState.ACTIVE)
    attic = Destination.objects.create(name="attic", kind=DestinationKind.DIRECTORY, settings={"path": "/x"})
    backups = [make_backup_row(paul, hours_ago=hours) for hours in (1, 2, 3)]
    first = [make_copy(backup, destination) for backup in backups]
    other = [make_copy(backup, attic) for backup in backups]
    now = timezone.now()
    BackupCopy.objects.filter(pk=first[1].pk).update(opened_at=now - timedelta(days=40))
    assert {choose_copy(paul, now=now) for _ in range(60)} == set(other)
    BackupCopy.objects.filter(pk=other[0].pk).update(opened_at=now - timedelta(days=35))
    assert choose_copy(paul, now=now) in first
    BackupCopy.objects.filter(pk__in=[copy.pk for copy in first]).update(state=CopyState.DIFFERENT)
    assert choose_copy(paul, now=now) in other


def test_no_more_than_a_few_at_once_and_one_of_each_parish(destination: Destination) -> None:
    now = timezone.now()
    for number in range(AT_ONCE + 2):
        paul = make_instance_row(f"parish-{number}", state=InstanceState.ACTIVE)
        for hours in (1, 2):
            make_copy(make_backup_row(paul, hours_ago=hours), destination)
    assert len(list_due(now=now)) == AT_ONCE + 2
    begun = begin_due(now=now)
    assert len({copy.backup.instance_id for copy in begun}) == AT_ONCE
    assert begin_due(now=now) == []
    assert list_holders([begun[0].backup.backup_id]) == {begun[0].backup.backup_id: ("opening at shelf",)}
    begun[0].refresh_from_db()
    with pytest.raises(CiviparoisseError) as refused:
        remove_copy(begun[0], now=now)
    assert refused.value.code == "copy_in_use"
    BackupCopy.objects.update(run="")
    again = begin_due(now=now)
    assert again and not {copy.run for copy in again} & {copy.run for copy in begun}, "each run has its own name"


@pytest.mark.usefixtures("recovery")
def test_a_failure_that_says_nothing_of_the_copy_is_tried_again_later(destination: Destination) -> None:
    paul = make_instance_row(state=InstanceState.ACTIVE)
    copy = make_copy(make_backup_row(paul), destination)
    now = timezone.now()
    open_copies(now=now)
    copy.refresh_from_db()
    assert (copy.state, copy.run, copy.opened_at) == (CopyState.CHECKED, "", None)
    assert copy.next_attempt_at and copy.next_attempt_at > now
    assert list_due(now=now) == [] and list_due(now=now + timedelta(days=1)) == [paul]
