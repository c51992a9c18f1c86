"""How long a step waits: progress extends it, a lack of hope ends it with the reason."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test.utils import override_settings

from domain.errors import CiviparoisseError
from operations.models import OperationStep
from operations.outcomes import Wait
from operations.patience import HOPELESS_SECONDS, compute_end, note_wait

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
SECONDS = 180


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def note(step: OperationStep, at: float, outcome: Wait | None = None) -> datetime:
    note_wait(step, outcome or Wait(), instance="saint-paul", now=after(at))
    return compute_end(step, seconds=SECONDS, began=NOON)


def test_without_a_word_of_progress_the_deadline_stays() -> None:
    step = OperationStep(data={})
    assert note(step, 5) == note(step, 100) == after(SECONDS)


def test_each_progress_begins_the_deadline_anew_and_standing_still_does_not() -> None:
    step = OperationStep(data={})
    assert note(step, 10, Wait(reached=1)) == after(10 + SECONDS)
    assert note(step, 60, Wait(reached=1)) == after(10 + SECONDS)
    assert note(step, 150, Wait(reached=4)) == after(150 + SECONDS)
    assert note(step, 170, Wait(reached=1)) == after(150 + SECONDS), "what falls back and rises again is no progress"
    assert note(step, 175, Wait(reached=4)) == after(150 + SECONDS)


@override_settings(PREPARE_TIMEOUT_SECONDS=1000)
def test_a_pull_may_take_longer_than_a_start() -> None:
    step = OperationStep(data={})
    assert note(step, 10, Wait(reached=3, is_preparing=True)) == after(1010)
    assert note(step, 900, Wait(reached=4)) == after(900 + SECONDS)


def test_no_hope_ends_the_wait_with_its_reason_after_a_moment() -> None:
    step, stuck = OperationStep(data={}), Wait(is_hopeless=True, message="db: InvalidImageName")
    note(step, 0, stuck)
    note(step, HOPELESS_SECONDS - 1, stuck)
    with pytest.raises(CiviparoisseError) as raised:
        note(step, HOPELESS_SECONDS, stuck)
    assert raised.value.code == "start_impossible" and not raised.value.retryable
    assert raised.value.params == {"instance": "saint-paul", "detail": "db: InvalidImageName"}


def test_hope_that_comes_back_begins_anew() -> None:
    step, stuck = OperationStep(data={}), Wait(is_hopeless=True)
    note(step, 0, stuck)
    note(step, 15)
    note(step, 16, stuck)
    note(step, 30, stuck)
