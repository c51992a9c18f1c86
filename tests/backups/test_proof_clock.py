"""Proofs by the clock: each parish's once in four weeks, at night, one at a time, and nothing is left behind."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backups.models import Backup, ProofOutcome, ProofReport
from backups.policies import choose_policy, find_policy
from backups.proof_ages import compute_period
from backups.proof_clock import PROOF_HOURS, draw_nights, is_due, make_key, remove_left_places, request_due_proofs
from backups.proof_places import LEFT_CODE, take_place
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from tenants.models import Instance
from tests.backups.rows import make_backup_row
from tests.engines import FakeEngine
from tests.operations.conftest import Finish
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db(transaction=True)

NIGHT = datetime(2026, 11, 21, 1, 30, tzinfo=ZoneInfo("Europe/Paris"))
# Of the shipped policies: 31 days, less the nights that may be missed.
PROOF_PERIOD_DAYS = 28


@pytest.fixture(autouse=True)
def _by_the_clock(settings: LazySettings, engine: FakeEngine) -> None:  # noqa: ARG001 - it must be there
    settings.NIGHTLY_BACKUPS = True


def make_parish(slug: str) -> Instance:
    row = make_instance_row(slug, state=InstanceState.ACTIVE)
    make_backup_row(row, hours_ago=24, stored_bytes=1)
    return row


def end(outcome: ProofOutcome, *, at: datetime) -> None:
    """End what was asked for."""
    for operation in Operation.objects.filter(kind="prove", lock__isnull=False):
        backup = Backup.objects.get(backup_id=operation.parameters["backup"])
        ProofReport.objects.create(operation=operation, backup=backup, outcome=outcome, ended_at=at)
        operation.state, operation.lock = OperationState.SUCCEEDED.value, None
        operation.save()


def test_one_at_a_time_those_never_proven_first_and_each_once() -> None:
    for slug in ("saint-paul", "sainte-marie"):
        make_parish(slug)
    assert request_due_proofs(now=NIGHT) == ["saint-paul"]
    assert request_due_proofs(now=NIGHT) == [], "one is under way"
    end(ProofOutcome.PROVEN, at=NIGHT)
    assert request_due_proofs(now=NIGHT) == ["sainte-marie"]
    end(ProofOutcome.PROVEN, at=NIGHT)
    assert request_due_proofs(now=NIGHT) == []
    assert request_due_proofs(now=NIGHT + timedelta(days=PROOF_PERIOD_DAYS)) != []


def test_as_often_as_the_policy_says_and_never_where_it_wants_none() -> None:
    paul = make_parish("saint-paul")
    policy = find_policy(paul)
    assert compute_period(policy) == PROOF_PERIOD_DAYS
    policy.proof_days = 0
    policy.save()
    choose_policy(paul, policy, requested_by="test")
    assert request_due_proofs(now=NIGHT) == []
    policy.proof_days = 7
    policy.save()
    assert request_due_proofs(now=NIGHT) == ["saint-paul"]
    end(ProofOutcome.PROVEN, at=NIGHT)
    asked = [day for day in range(1, 15) if request_due_proofs(now=NIGHT + timedelta(days=day))]
    assert asked and asked[0] <= 4


def test_only_at_night_only_with_a_set_and_only_where_the_clock_asks(settings: LazySettings) -> None:
    make_parish("saint-paul")
    make_instance_row("sainte-marie", state=InstanceState.ACTIVE)
    for hour in range(24):
        if hour not in PROOF_HOURS:
            assert request_due_proofs(now=NIGHT.replace(hour=hour)) == []
    settings.NIGHTLY_BACKUPS = False
    assert request_due_proofs(now=NIGHT) == []
    settings.NIGHTLY_BACKUPS = True
    assert request_due_proofs(now=NIGHT) == ["saint-paul"]


def test_what_could_not_be_tried_is_tried_the_next_night_and_what_failed_waits_for_a_newer_set() -> None:
    paul = make_parish("saint-paul")
    assert request_due_proofs(now=NIGHT) == ["saint-paul"]
    end(ProofOutcome.UNDECIDED, at=NIGHT)
    assert request_due_proofs(now=NIGHT) == []
    tomorrow = NIGHT + timedelta(days=1)
    assert request_due_proofs(now=tomorrow) == ["saint-paul"]
    end(ProofOutcome.FAILED, at=tomorrow)
    assert request_due_proofs(now=tomorrow + timedelta(days=1)) == []
    newer = make_backup_row(paul, hours_ago=1, stored_bytes=1)
    assert request_due_proofs(now=tomorrow + timedelta(days=1)) == ["saint-paul"]
    assert Operation.objects.get(lock__isnull=False).parameters["backup"] == newer.backup_id


@pytest.mark.parametrize("hindered", ["asked tonight", "place held", "refuted", "busy"])
def test_where_none_can_begin_as_many_queries_are_made_for_thirty_parishes_as_for_one(hindered: str) -> None:
    def hinder(row: Instance) -> None:
        if hindered == "asked tonight":
            key = make_key(row.identifier, now=NIGHT)
            Operation.objects.create(kind="prove", instance=row, state=OperationState.FAILED, idempotency_key=key)
        elif hindered == "place held":
            lock = f"{row.identifier}-verification"
            Operation.objects.create(kind="delete", instance=row, subject=lock, lock=lock)
        elif hindered == "refuted":
            ProofReport.objects.create(backup=row.backups.get(), outcome=ProofOutcome.FAILED, ended_at=NIGHT)
        elif not Operation.objects.exists():
            Operation.objects.create(kind="prove", instance=row, state=OperationState.RUNNING)

    counts = []
    for group in (range(1), range(1, 30)):
        for number in group:
            hinder(make_parish(f"parish-{number}"))
        with CaptureQueriesContext(connection) as captured:
            assert request_due_proofs(now=NIGHT) == []
        counts.append(len(captured))
    assert counts[1] == counts[0] <= 10


def test_nights_are_drawn_within_the_window_and_never_further_apart_than_the_period() -> None:
    first = PROOF_PERIOD_DAYS - PROOF_PERIOD_DAYS // 3 + 1
    window = range(first, PROOF_PERIOD_DAYS + 1)
    apart = Counter[int]()
    for number in range(100):
        last = NIGHT + timedelta(microseconds=number)
        for day in range(1, 4 * PROOF_PERIOD_DAYS + 1):
            now = NIGHT + timedelta(days=day)
            if is_due(f"parish-{number}", last, now=now, period_days=PROOF_PERIOD_DAYS):
                nights = (now.date() - last.date()).days
                assert nights == draw_nights(f"parish-{number}", last, PROOF_PERIOD_DAYS)
                apart[nights] += 1
                last = now + timedelta(seconds=number)
    assert set(apart) == set(window) and max(apart.values()) < 3 * sum(apart.values()) / len(window)
    # One parish has not the same night every time, and none waits longer where the period is short.
    draws = {draw_nights("parish-1", NIGHT + timedelta(seconds=one), PROOF_PERIOD_DAYS) for one in range(60)}
    assert len(draws) > len(window) // 2
    assert all(1 <= draw_nights("parish-1", NIGHT, days) <= days for days in range(1, 40))
    assert is_due("parish-1", NIGHT + timedelta(days=400), now=NIGHT, period_days=28), "dated in the future: not known"


def test_what_a_proof_left_is_removed_by_itself_and_a_persons_own_is_not(engine: FakeEngine, finish: Finish) -> None:
    paul = make_parish("saint-paul")
    place = take_place(paul)
    engine.set_up(place.identifier)
    now = timezone.now()
    assert remove_left_places(now=now) == [place.identifier]
    place.refresh_from_db()
    operation = Operation.objects.get(kind=OperationKind.DELETE)
    assert finish(operation).state == OperationState.SUCCEEDED
    place.refresh_from_db()
    assert (place.state, place.error_code) == (InstanceState.DELETED, "")
    assert not engine.observe(place.identifier).exists
    Instance.objects.filter(pk=place.pk).update(state=InstanceState.ACTIVE.value)
    assert remove_left_places(now=now + timedelta(hours=2)) == []
    Instance.objects.filter(pk=place.pk).update(state=InstanceState.PROVISIONING.value)
    Operation.objects.create(kind="prove", instance=paul, subject="saint-paul", lock=place.identifier)
    assert remove_left_places(now=now + timedelta(hours=2)) == [], "its proof is at work"


def test_a_removal_that_failed_is_tried_again_every_hour() -> None:
    place = take_place(make_parish("saint-paul"))
    now = timezone.now()
    assert remove_left_places(now=now) == [place.identifier]
    Operation.objects.update(lock=None, state=OperationState.FAILED.value)
    Instance.objects.filter(pk=place.pk).update(state=InstanceState.FAILED.value, error_code=LEFT_CODE)
    assert remove_left_places(now=now) == []
    assert remove_left_places(now=now + timedelta(hours=1)) == [place.identifier]
