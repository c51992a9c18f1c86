"""A lease: who gets it, how long it holds, and that nothing is written without it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from domain.states import OperationKind, OperationState
from operations.claims import Lease, LeaseLost, claim, fenced, release, renew, select_due
from operations.models import Operation, OperationEvent
from tests.operations.conftest import MovedClock, Request

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operation(ask: Request) -> Operation:
    return ask(OperationKind.SUSPEND)


def take(operation: Operation, clock: MovedClock) -> Lease:
    lease = claim(operation.public_id, now=clock())
    assert lease is not None
    return lease


def test_a_second_claim_is_declined_until_the_lease_expires(operation: Operation, clock: MovedClock) -> None:
    first = take(operation, clock)
    assert claim(operation.public_id, now=clock()) is None
    clock.move(29.9)
    assert claim(operation.public_id, now=clock()) is None
    clock.move(0.1)
    second = take(operation, clock)
    assert second.token != first.token
    operation.refresh_from_db()
    assert operation.attempt == 2


def test_a_renewed_lease_holds_longer(operation: Operation, clock: MovedClock) -> None:
    lease = take(operation, clock)
    clock.move(20)
    renew(lease, now=clock())
    clock.move(20)
    assert claim(operation.public_id, now=clock()) is None


def test_a_released_operation_is_claimed_when_it_is_due_and_not_before(operation: Operation, clock: MovedClock) -> None:
    release(take(operation, clock), now=clock(), next_run_at=clock() + timedelta(seconds=5))
    operation.refresh_from_db()
    assert operation.state == OperationState.WAITING
    assert claim(operation.public_id, now=clock()) is None
    clock.move(5)
    take(operation, clock)
    operation.refresh_from_db()
    assert operation.attempt == 1, "nobody died"


def test_an_ended_operation_is_never_claimed(operation: Operation, clock: MovedClock) -> None:
    for state in ("succeeded", "failed", "cancelled"):
        Operation.objects.update(state=state)
        assert claim(operation.public_id, now=clock()) is None


def test_without_the_lease_nothing_is_renewed_released_or_written(operation: Operation, clock: MovedClock) -> None:
    lost = take(operation, clock)
    clock.move(31)
    take(operation, clock)
    events = OperationEvent.objects.count()
    with pytest.raises(LeaseLost):
        renew(lost, now=clock())
    with pytest.raises(LeaseLost):
        release(lost, now=clock(), next_run_at=clock())
    with pytest.raises(LeaseLost), fenced(lost, now=clock()):
        OperationEvent.objects.create(operation=operation, message="too late")
    assert OperationEvent.objects.count() == events


def test_what_fails_inside_a_fenced_block_is_not_written(operation: Operation, clock: MovedClock) -> None:
    lease = take(operation, clock)
    with pytest.raises(ZeroDivisionError), fenced(lease, now=clock()):
        Operation.objects.update(message="half")
        raise ZeroDivisionError
    operation.refresh_from_db()
    assert operation.message == ""


def test_the_first_start_is_kept(operation: Operation, clock: MovedClock) -> None:
    take(operation, clock)
    began = clock()
    clock.move(60)
    take(operation, clock)
    operation.refresh_from_db()
    assert operation.started_at == began


def test_due_are_those_that_a_claim_would_get(operation: Operation) -> None:
    now = timezone.now() + timedelta(seconds=1)
    assert list(select_due(now)) == [operation]
    Operation.objects.update(next_run_at=now + timedelta(seconds=1))
    assert list(select_due(now)) == []


def test_a_clock_that_goes_back_stalls_nothing(ask: Request, clock: MovedClock) -> None:
    """What was written two hours ahead is due now: a dead run's lease, a pause, what was just asked."""
    now = clock()
    ahead = now + timedelta(hours=2)
    held = ask(OperationKind.SUSPEND, slug="held")
    assert claim(held.public_id, now=ahead) is not None
    paused = ask(OperationKind.SUSPEND, slug="paused")
    lease = claim(paused.public_id, now=ahead)
    assert lease is not None
    release(lease, now=ahead, next_run_at=ahead + timedelta(seconds=1))
    asked = ask(OperationKind.SUSPEND, slug="asked")
    Operation.objects.filter(pk=asked.pk).update(created_at=ahead, next_run_at=ahead)
    assert {row.subject for row in select_due(now)} == {"held", "paused", "asked"}
    for operation in (held, paused, asked):
        assert claim(operation.public_id, now=now) is not None
        assert claim(operation.public_id, now=now) is None, "once"


def test_a_deletion_that_can_be_undone_for_days_waits_unless_the_clock_went_back(
    ask: Request, clock: MovedClock
) -> None:
    operation = ask(OperationKind.DELETE)
    lease = claim(operation.public_id, now=clock())
    assert lease is not None
    release(lease, now=clock(), next_run_at=clock() + timedelta(days=30))
    assert not select_due(clock() + timedelta(days=29)).exists()
    assert not select_due(clock() - timedelta(minutes=1)).exists(), "clocks of two machines differ"
    assert select_due(clock() - timedelta(hours=2)).exists()
    assert select_due(clock() + timedelta(days=30)).exists()


def test_a_pause_that_no_step_makes_is_over(ask: Request, clock: MovedClock) -> None:
    ask(OperationKind.SUSPEND)
    for pause, is_due in ((timedelta(minutes=4), False), (timedelta(minutes=6), True)):
        Operation.objects.update(next_run_at=clock() + pause)
        assert select_due(clock()).exists() is is_due


def test_a_living_run_keeps_its_lease_while_clocks_differ_a_little(ask: Request, clock: MovedClock) -> None:
    operation = ask(OperationKind.SUSPEND)
    assert claim(operation.public_id, now=clock()) is not None
    clock.move(-29)
    assert claim(operation.public_id, now=clock()) is None
