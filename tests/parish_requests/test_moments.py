"""The calendar of moments: good sets with what they hold, and which one is proposed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backups.models import Backup, BackupReason, BackupScope, BackupState
from domain.parish_requests import Cause, RequestScope
from domain.states import InstanceState
from offsite.models import PROTECTING, BackupCopy, Destination
from operations.requests import request_operation
from parish_requests.moments import list_moments, propose
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.parish_requests.cast import DAY
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def instance() -> Instance:
    return make_instance_row(state=InstanceState.ACTIVE)


def make_copy(backup: Backup, *, days_ago: int = 1, enabled: bool = True) -> BackupCopy:
    place, _made = Destination.objects.get_or_create(name=f"away-{enabled}", defaults={"enabled": enabled})
    checked = timezone.now() - days_ago * DAY
    return BackupCopy.objects.create(backup=backup, destination=place, state=min(PROTECTING), checked_at=checked)


def test_good_sets_are_moments_the_newest_first(instance: Instance) -> None:
    old = make_backup_row(instance, hours_ago=48, scope=BackupScope.DATABASE)
    new = make_backup_row(instance, hours_ago=2)
    for values in ({"state": BackupState.FAILED}, {"state": BackupState.RUNNING}, {"reason": BackupReason.SAFETY}):
        make_backup_row(instance, **values)
    make_backup_row(make_instance_row("sainte-marie"))
    moments = list_moments(instance)
    assert [moment.backup for moment in moments] == [new, old]
    assert [moment.holds for moment in moments] == [BackupScope.FULL, BackupScope.DATABASE]
    assert moments[0].saved_at == new.started_at and moments[0].why_not == ""


def test_protected_is_what_is_elsewhere_as_far_as_is_known(instance: Instance) -> None:
    rows = [make_backup_row(instance, hours_ago=hours) for hours in (1, 2, 3, 4)]
    make_copy(rows[0])
    make_copy(rows[1], enabled=False)
    make_copy(rows[2], days_ago=400)
    assert [moment.protected for moment in list_moments(instance)] == [True, False, False, False]


def test_a_set_that_is_only_elsewhere_is_a_moment(instance: Instance) -> None:
    away = make_backup_row(instance, state=BackupState.DELETED)
    gone = make_backup_row(instance, state=BackupState.DELETED)
    make_copy(away)
    assert [moment.backup for moment in list_moments(instance)] == [away] != [gone]


def test_a_set_about_to_be_removed_says_so_and_is_not_proposed(instance: Instance) -> None:
    old = make_backup_row(instance, hours_ago=2, stored_bytes=1000)
    make_backup_row(instance, hours_ago=1, stored_bytes=1000, scope=BackupScope.FILES)
    make_backup_row(instance, hours_ago=3, stored_bytes=1000)
    Backup.objects.filter(pk=old.pk).update(started_at=timezone.now() - 40 * DAY)
    asked = {"backup_ids": [old.backup_id], "confirm": instance.identifier}
    request_operation(kind="prune", instance=instance, requested_by="test", parameters=asked)
    moments = list_moments(instance)
    assert [bool(moment.why_not) for moment in moments] == [False, False, True]
    assert propose(Cause.BROKEN, moments)[1] == moments[1]
    assert propose(Cause.BROKEN, moments[2:])[1] is None


@pytest.mark.parametrize(
    ("cause", "scope"),
    [
        (Cause.DELETED, RequestScope.DATA),
        (Cause.IMPORT, RequestScope.DATA),
        (Cause.BROKEN, RequestScope.EVERYTHING),
        (Cause.OTHER, RequestScope.EVERYTHING),
    ],
)
def test_what_happened_proposes_how_much(instance: Instance, cause: Cause, scope: RequestScope) -> None:
    whole = make_backup_row(instance, hours_ago=3)
    database = make_backup_row(instance, hours_ago=2, scope=BackupScope.DATABASE)
    make_backup_row(instance, hours_ago=1, scope=BackupScope.FILES)
    proposed, moment = propose(cause.value, list_moments(instance))
    assert proposed is scope and moment is not None
    assert moment.backup == (database if scope is RequestScope.DATA else whole)


def test_as_many_queries_for_many_sets(instance: Instance) -> None:
    counts = []
    for _more in range(2):
        for hours in range(1, 15):
            make_backup_row(instance, hours_ago=hours)
        with CaptureQueriesContext(connection) as queries:
            list_moments(instance)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3
