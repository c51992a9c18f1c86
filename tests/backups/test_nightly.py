"""Every night once, at the instance's own minute, or as soon as it is free."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import LazySettings

from backups.models import Backup, BackupReason
from backups.nightly import REQUESTER, compute_night, is_due, request_nightly_backups
from backups.policies import choose_policy, create_policy
from domain.schedules import compute_backup_time
from domain.specs import InstanceKind
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance
from tests.backups.conftest import MakeInstance
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine
from tests.operations.conftest import Finish

pytestmark = pytest.mark.django_db(transaction=True)

# saint-paul's own time is 03:49 in Paris; in winter that is 02:49 UTC.
NIGHT = date(2026, 11, 25)
DUE = datetime(2026, 11, 26, 2, 49, tzinfo=UTC)
END = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def switched_on(settings: LazySettings) -> None:
    settings.NIGHTLY_BACKUPS = True


def test_a_night_begins_in_the_evening_and_has_one_name() -> None:
    assert compute_backup_time("saint-paul") == (3, 49)
    for hour in (12, 21, 23):
        assert compute_night(datetime(2026, 11, 25, hour, tzinfo=UTC)) == NIGHT
    assert compute_night(datetime(2026, 11, 26, 4, 59, tzinfo=UTC)) == NIGHT
    assert compute_night(END) == date(2026, 11, 26)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(DUE - timedelta(seconds=1), False), (DUE, True), (END - timedelta(seconds=1), True), (END, False)],
)
def test_a_backup_is_due_from_its_minute_to_the_end_of_the_night(moment: datetime, expected: bool) -> None:
    assert is_due("saint-paul", night=NIGHT, now=moment) is expected


def test_an_evening_s_backup_is_due_before_midnight() -> None:
    evening = next(name for name in (f"p{n}" for n in range(99)) if compute_backup_time(name)[0] == 22)
    minute = compute_backup_time(evening)[1]
    begins = datetime(2026, 11, 25, 21, minute, tzinfo=UTC)
    assert is_due(evening, night=NIGHT, now=begins)
    assert not is_due(evening, night=NIGHT, now=begins - timedelta(seconds=1))


def test_the_clock_may_change_in_that_night() -> None:
    # 25 October 2026: 03:00 becomes 02:00. 03:49 comes once, at 02:49 UTC.
    night = date(2026, 10, 24)
    assert is_due("saint-paul", night=night, now=datetime(2026, 10, 25, 2, 49, tzinfo=UTC))
    assert not is_due("saint-paul", night=night, now=datetime(2026, 10, 25, 2, 48, tzinfo=UTC))


def test_it_is_asked_once_a_night_and_taken(engine: FakeEngine, make_instance: MakeInstance, finish: Finish) -> None:
    make_instance()
    assert request_nightly_backups(now=DUE - timedelta(minutes=1)) == []
    assert request_nightly_backups(now=DUE) == ["saint-paul"]
    operation = finish(Operation.objects.get())
    assert (operation.kind, operation.state, operation.requested_by) == ("backup", "succeeded", REQUESTER)
    assert Backup.objects.get().reason == BackupReason.SCHEDULED
    assert engine.count_effects("saint-paul")["run backup"] == 1
    assert request_nightly_backups(now=DUE + timedelta(minutes=1)) == []
    assert request_nightly_backups(now=DUE + timedelta(days=1)) == ["saint-paul"]


def test_a_busy_instance_is_asked_again_until_the_night_is_over(make_instance: MakeInstance, finish: Finish) -> None:
    instance = make_instance()
    holder = request_operation(kind=OperationKind.BACKUP, instance=instance, requested_by="test")
    assert request_nightly_backups(now=DUE) == []
    finish(holder)
    assert request_nightly_backups(now=END) == []
    assert request_nightly_backups(now=END - timedelta(minutes=1)) == ["saint-paul"]


def test_one_instance_s_fault_stops_no_other_s(make_instance: MakeInstance) -> None:
    busy = make_instance("saint-jean")
    make_instance()
    request_operation(kind=OperationKind.BACKUP, instance=busy, requested_by="test")
    assert request_nightly_backups(now=END - timedelta(seconds=1)) == ["saint-paul"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"state": InstanceState.SUSPENDED.value}, "it is suspended"),
        ({"kind": InstanceKind.SANDBOX.value}, "what it holds is a copy"),
        ({"engine": "nowhere"}, "there is no such engine"),
    ],
)
def test_only_active_productions_have_one(make_instance: MakeInstance, changes: dict[str, str], why: str) -> None:
    make_instance()
    Instance.objects.update(**changes)
    assert request_nightly_backups(now=DUE) == [], why


def test_an_engine_with_schedules_of_its_own_and_a_switch_are_respected(
    engine: FakeEngine, make_instance: MakeInstance, settings: LazySettings
) -> None:
    make_instance()
    engine.runs_schedules = True
    assert request_nightly_backups(now=DUE) == []
    engine.runs_schedules, settings.NIGHTLY_BACKUPS = False, False
    assert request_nightly_backups(now=DUE) == []


def fail_tonight(engine: FakeEngine, finish: Finish, *, now: datetime) -> Operation:
    """Let the backup that was just asked for fail, and end at `now`."""
    engine.fail("saint-paul", "run_job backup", times=99, code="dump_failed")
    operation = finish(Operation.objects.order_by("-pk")[0])
    assert operation.state == OperationState.FAILED
    Operation.objects.filter(pk=operation.pk).update(ended_at=now)
    engine.fail("saint-paul", "run_job backup", times=0)
    return operation


def test_a_night_that_failed_is_asked_again_after_growing_pauses_until_six(
    engine: FakeEngine, make_instance: MakeInstance, finish: Finish
) -> None:
    make_instance()
    now, asked = DUE, []
    while now < END + timedelta(hours=15):
        if request_nightly_backups(now=now):
            asked.append(now)
            fail_tonight(engine, finish, now=now)
        now += timedelta(minutes=1)
    assert [moment - DUE for moment in asked] == [timedelta(minutes=minutes) for minutes in (0, 5, 15, 35, 75)]
    assert asked[-1] < END <= asked[-1] + timedelta(hours=1)
    assert len(set(Operation.objects.values_list("idempotency_key", flat=True))) == 5


def test_one_that_succeeds_at_last_is_enough_and_a_cancelled_one_is_left_so(
    engine: FakeEngine, make_instance: MakeInstance, finish: Finish
) -> None:
    make_instance()
    request_nightly_backups(now=DUE)
    fail_tonight(engine, finish, now=DUE)
    assert request_nightly_backups(now=DUE + timedelta(minutes=5)) == ["saint-paul"]
    assert finish(Operation.objects.order_by("-pk")[0]).state == OperationState.SUCCEEDED
    assert request_nightly_backups(now=END - timedelta(minutes=1)) == []
    Operation.objects.filter(state=OperationState.SUCCEEDED).update(state=OperationState.CANCELLED)
    assert request_nightly_backups(now=END - timedelta(minutes=1)) == []


def age_rows(*, now: datetime) -> None:
    """Let all instances have been there for a month."""
    Instance.objects.update(created_at=now - timedelta(days=30))


def test_a_night_without_a_manager_is_caught_up_by_day_a_few_at_a_time(
    make_instance: MakeInstance, finish: Finish
) -> None:
    for name in ("saint-paul", "saint-jean", "sainte-marie"):
        make_instance(name)
    noon = END + timedelta(hours=6)
    age_rows(now=noon)
    first = request_nightly_backups(now=noon)
    assert len(first) == 2
    assert request_nightly_backups(now=noon) == [], "two at a time"
    for operation in Operation.objects.all():
        finish(operation)
    (third,) = request_nightly_backups(now=noon)
    assert {*first, third} == {"saint-paul", "saint-jean", "sainte-marie"}
    finish(Operation.objects.order_by("-pk")[0])
    assert request_nightly_backups(now=noon + timedelta(hours=1)) == []


def test_by_day_nothing_is_asked_for_what_the_night_has_done_or_tried_or_that_is_new(
    engine: FakeEngine, make_instance: MakeInstance, finish: Finish
) -> None:
    instance = make_instance()
    noon = END + timedelta(hours=6)
    assert request_nightly_backups(now=noon) == [], "it was made after that evening"
    age_rows(now=noon)
    request_nightly_backups(now=DUE)
    fail_tonight(engine, finish, now=DUE)
    assert request_nightly_backups(now=noon) == [], "it was tried: the next night is another one"
    Operation.objects.all().delete()
    make_backup_row(instance)
    Backup.objects.update(started_at=DUE)
    assert request_nightly_backups(now=noon) == [], "somebody took one"
    Backup.objects.update(started_at=DUE - timedelta(days=1))
    assert request_nightly_backups(now=noon) == ["saint-paul"]


def test_a_policy_s_nights_are_kept_and_made_up_for(make_instance: MakeInstance, finish: Finish) -> None:
    instance = make_instance()
    # 25 November 2026 is a Wednesday: the night from Tuesday on is over, and was missed.
    weekly = {"name": "w", "label": "x", "frequency": "weekly", "weekdays": [2], "keep_weekly": 4, "codec": "zstd"}
    choose_policy(instance, create_policy(weekly, requested_by="test"), requested_by="test")
    assert request_nightly_backups(now=DUE) == ["saint-paul"]
    assert finish(Operation.objects.get()).parameters["codec"] == "zstd"
    # Nothing until the next Tuesday night: a good set was made since.
    Backup.objects.update(started_at=DUE)
    for days in range(1, 6):
        assert request_nightly_backups(now=DUE + timedelta(days=days)) == []
    assert request_nightly_backups(now=DUE + timedelta(days=6)) == ["saint-paul"]


def test_a_missed_night_of_the_week_is_caught_up_by_day(make_instance: MakeInstance) -> None:
    instance = make_instance()
    Instance.objects.update(created_at=DUE - timedelta(days=30))
    make_backup_row(instance, hours_ago=0)
    Backup.objects.update(started_at=DUE - timedelta(days=9))
    weekly = {"name": "w", "label": "x", "frequency": "weekly", "weekdays": [2], "keep_weekly": 4}
    choose_policy(instance, create_policy(weekly, requested_by="test"), requested_by="test")
    # Thursday at noon: the manager was away on Tuesday and Wednesday night.
    assert request_nightly_backups(now=datetime(2026, 11, 26, 11, tzinfo=UTC)) == ["saint-paul"]
    key = Operation.objects.get().idempotency_key
    assert key == "nightly:saint-paul:2026-11-24"
