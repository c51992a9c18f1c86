"""The lease is renewed while a block works, by a thread that ends with it."""

import threading

import pytest
from django.conf import LazySettings
from django.utils import timezone

from domain.states import OperationKind
from operations.claims import claim
from operations.heartbeat import keep_alive
from operations.models import Operation
from tests.fleet import wait_until
from tests.operations.conftest import MovedClock, Request

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_lease_moves_on_while_the_block_works(ask: Request, clock: MovedClock, settings: LazySettings) -> None:
    settings.LEASE_SECONDS = 1
    operation = ask(OperationKind.SUSPEND)
    lease = claim(operation.public_id, now=clock())
    assert lease is not None
    before = Operation.objects.get().lease_until
    with keep_alive(lease, clock=lambda: timezone.now().replace(year=2099)):
        wait_until(lambda: Operation.objects.get().lease_until != before, seconds=120, what="renewed")
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("lease-")] == []


def test_a_lease_that_went_to_another_run_is_left_alone(
    ask: Request, clock: MovedClock, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LEASE_SECONDS = 1
    operation = ask(OperationKind.SUSPEND)
    lease = claim(operation.public_id, now=clock())
    assert lease is not None
    Operation.objects.update(lease_owner="another run")
    before = Operation.objects.get().lease_until
    with keep_alive(lease, clock=clock):
        wait_until(lambda: "went to another run" in caplog.text, seconds=120, what="noticed")
    assert Operation.objects.get().lease_until == before
