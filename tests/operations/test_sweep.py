"""The sweep rings for what is due and held by nobody, and for nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from domain.states import OperationKind
from operations.claims import claim
from operations.models import Operation
from operations.sweep import sweep
from tests.operations.conftest import MovedClock, Request

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lost_message_is_rung_again(ask: Request, clock: MovedClock) -> None:
    operation = ask(OperationKind.SUSPEND)
    assert sweep(now=clock()) == [operation.public_id]


def test_a_held_operation_is_left_alone_until_its_lease_expires(ask: Request, clock: MovedClock) -> None:
    operation = ask(OperationKind.SUSPEND)
    claim(operation.public_id, now=clock())
    assert sweep(now=clock()) == []
    clock.move(30)
    assert sweep(now=clock()) == [operation.public_id]


def test_what_is_not_due_or_has_ended_is_left_alone(ask: Request) -> None:
    ask(OperationKind.SUSPEND)
    Operation.objects.update(next_run_at=timezone.now() + timedelta(minutes=1))
    assert sweep(now=timezone.now()) == []
    Operation.objects.update(next_run_at=None, state="failed")
    assert sweep(now=timezone.now()) == []
