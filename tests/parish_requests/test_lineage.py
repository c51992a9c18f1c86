"""Which rows a set shares with the data of now, whatever was restored in between: against a history that is played."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from backups.models import Backup, BackupScope, BackupState
from domain.states import OperationKind, OperationState
from operations.models import Operation
from parish_requests.lineage import Branch, compute_shared_key, find_shared_keys, list_restores
from tenants.models import Instance
from tests.rows import make_instance_row

START = datetime(2026, 11, 1, tzinfo=UTC)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def test_without_a_restore_it_is_the_sets_own_key() -> None:
    assert compute_shared_key(at(1), 410, []) == 410
    assert compute_shared_key(at(3), 410, [Branch(at(2), at(1), 400)]) == 410, "the restore was before the set"


def test_an_undo_counts_from_the_set_that_was_restored() -> None:
    """The safety copy knew keys up to 433; after the restore those above 410 are given again."""
    assert compute_shared_key(at(5), 433, [Branch(at(6), at(1), 410)]) == 410


def test_a_restore_that_was_undone_changes_nothing() -> None:
    restores = [Branch(at(6), at(1), 410), Branch(at(8), at(5), 433)]
    assert compute_shared_key(at(1), 410, restores) == 410
    assert compute_shared_key(at(3), 420, restores) == 420
    assert compute_shared_key(at(7), 415, restores) == 410, "a set of the branch that was left"


def test_what_a_set_in_between_does_not_tell_is_not_known() -> None:
    assert compute_shared_key(at(1), 410, [Branch(at(6), at(2), None)]) is None
    assert compute_shared_key(at(7), 410, [Branch(at(6), at(2), None)]) == 410


@pytest.mark.parametrize("seed", range(40))
def test_played_histories(seed: int) -> None:
    """Rows are entered, sets taken and put back at random. What has a higher key than the shared one is exactly what is
    there now and not in the set; keys go on from the highest one of what was put back."""
    chance = random.Random(seed)
    rows: dict[int, int] = {}
    sets: list[tuple[datetime, dict[int, int]]] = []
    restores: list[Branch] = []
    serial = 0
    for hour in range(1, 60):
        what = chance.choice(("enter", "enter", "enter", "set", "set", "restore"))
        if what == "enter" or not sets:
            for _ in range(chance.randint(1, 3)):
                serial += 1
                rows[max(rows, default=0) + 1] = serial
        elif what == "set":
            sets.append((at(hour), dict(rows)))
        else:
            moment, content = chance.choice(sets)
            restores.append(Branch(at(hour), moment, max(content, default=0)))
            rows = dict(content)
    for moment, content in sets:
        shared = compute_shared_key(moment, max(content, default=0), restores)
        assert shared is not None
        entered = {key for key in rows if key > shared}
        assert entered == {key for key, row in rows.items() if content.get(key) != row}


def make_set(instance: Instance, hours: int, last: int | None, **facts: object) -> Backup:
    """A good set of that hour."""
    counts = {} if last is None else {"contributions": {"count": 1, "last": last}, "users": {"count": 1, "last": 7}}
    row = Backup.objects.create(
        backup_id=f"20261101T0000{hours:02d}Z-{Backup.objects.count():06x}",
        instance=instance,
        **{"state": BackupState.GOOD, "figures": {"at": 1, "counts": counts}, **facts},
    )
    Backup.objects.filter(pk=row.pk).update(started_at=at(hours))
    row.refresh_from_db()
    return row


def put_back(instance: Instance, hours: int, backup: Backup, **asked: object) -> None:
    """A restore that ended at that hour."""
    state = asked.pop("state", OperationState.SUCCEEDED)
    Operation.objects.create(
        kind=OperationKind.RESTORE, instance=instance, subject=instance.identifier, requested_by="test", state=state,
        parameters={"backup_id": backup.backup_id, "scope": "full", "database": "", **asked}, ended_at=at(hours),
    )  # fmt: skip


@pytest.mark.django_db
def test_rows_tell_what_was_restored() -> None:
    instance = make_instance_row()
    old, safety = make_set(instance, 1, 410), make_set(instance, 5, 433)
    assert find_shared_keys(safety) == {"contributions": 433, "users": 7}
    put_back(instance, 4, old, state=OperationState.FAILED)
    put_back(instance, 6, old, scope=BackupScope.FILES)
    assert list_restores(safety) == [] or find_shared_keys(safety)["contributions"] == 433
    put_back(instance, 7, old, database="drupal", scope=BackupScope.DATABASE)
    assert find_shared_keys(safety)["contributions"] == 433, "only the other database was replaced"
    put_back(instance, 8, old, database="civicrm", table="civicrm_contact", scope=BackupScope.DATABASE)
    put_back(instance, 8, old, database="civicrm", table="civicrm_contribution", table_as="looked_at")
    assert find_shared_keys(safety)["contributions"] == 433, "another table, and one beside it"
    put_back(instance, 9, old)
    assert find_shared_keys(safety) == {"contributions": 410, "users": 7}


@pytest.mark.django_db
def test_a_set_that_tells_no_keys_or_is_of_another_instance_is_no_trace() -> None:
    instance, other = make_instance_row(), make_instance_row("sainte-marie")
    safety, silent = make_set(instance, 5, 433), make_set(instance, 1, None)
    assert find_shared_keys(silent) == {}
    put_back(instance, 8, make_set(other, 2, 400))
    assert find_shared_keys(safety) == {}
    put_back(instance, 9, safety)
    assert find_shared_keys(safety) == {"contributions": 433, "users": 7}, "it is what was put back last"
    put_back(instance, 10, silent)
    assert find_shared_keys(safety) == {}
