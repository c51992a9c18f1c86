"""What each key opens is counted; a new one seals from then on, and the earlier ones still open."""

import pyrage
import pytest
from django.utils import timezone

from domain.states import InstanceState, OperationKind
from offsite.fetching import make_fetch_job
from offsite.key_usage import count_copies, describe_rotation, list_keys
from offsite.keys import create_recovery_key, ensure_parish_key, prove_recovery_key, rotate_parish_key
from offsite.models import BackupCopy, CopyState, Destination
from tests.backups.parishes import Parishes
from tests.backups.rows import make_backup_row
from tests.offsite.conftest import carry_to_end
from tests.offsite.places import make_copy
from tests.rows import make_instance_row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backups")]


def prove_new_key() -> str:
    printed = create_recovery_key(requested_by="test")
    prove_recovery_key(printed.identity, now=timezone.now())
    return printed.recipient


def test_copies_are_counted_by_the_keys_that_open_them(destination: Destination) -> None:
    paul = make_instance_row(state=InstanceState.ACTIVE)
    old, parish = prove_new_key(), ensure_parish_key(paul.tenant).recipient
    for hours, state in ((1, CopyState.CHECKED), (2, CopyState.HELD), (3, CopyState.GONE), (4, CopyState.WAITING)):
        make_copy(make_backup_row(paul, hours_ago=hours), destination, state=state)
    BackupCopy.objects.update(recipients=[parish, old])
    assert count_copies() == {parish: 2, old: 2}
    new = prove_new_key()
    later = rotate_parish_key(paul.tenant).recipient
    unproven = create_recovery_key(requested_by="test").recipient
    told = {key["public"]: (key["seals"], key["copies"]) for key in list_keys()}
    assert told == {new: (True, 0), old: (False, 2), unproven: (False, 0), later: (True, 0), parish: (False, 2)}
    assert "2" in describe_rotation(None)[-1] and "2" in describe_rotation(paul.tenant)[-1]


def test_what_was_sealed_before_a_rotation_is_still_fetched(parishes: Parishes, destination: Destination) -> None:
    paul = parishes.get()
    prove_new_key()
    parishes.run(OperationKind.BACKUP, paul)
    (copy,) = carry_to_end()
    before = list(copy.recipients)
    rotate_parish_key(paul.tenant)
    prove_new_key()
    job = make_fetch_job(copy, name="fetch-x", seconds=60)
    assert job.secrets["IDENTITY"].startswith("AGE-SECRET-KEY-1")
    parishes.run(OperationKind.BACKUP, paul)
    both = carry_to_end()
    newest = max(both, key=lambda other: other.backup.started_at)
    assert set(newest.recipients).isdisjoint(before) and len(newest.recipients) == 2
    assert all(pyrage.x25519.Recipient.from_str(recipient) for recipient in newest.recipients)
    assert destination.copies.count() == 2
