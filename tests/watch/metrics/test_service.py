"""The manager's own figures, counted by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from operations.models import Operation
from operations.pulse import CLOCK, record_pulse
from tests.watch.rows import make_message_row, make_problem_row, make_recipient_row
from watch.metrics.service import list_service_metrics

pytestmark = pytest.mark.django_db


def test_operations_the_queue_workers_and_problems() -> None:
    now = timezone.now()
    began = now - timedelta(minutes=30)
    given = {"kind": "backup", "subject": "a", "requested_by": "test"}
    for seconds, state in ((60, "succeeded"), (30, "succeeded"), (10, "failed")):
        ended = began + timedelta(seconds=seconds)
        Operation.objects.create(state=state, started_at=began, ended_at=ended, **given)
    long_ago = now - timedelta(days=3)
    Operation.objects.create(state="failed", started_at=long_ago, ended_at=long_ago, **given)
    waiting = {"kind": "restore", "state": "queued", "next_run_at": now - timedelta(minutes=5)}
    Operation.objects.create(**given | waiting)
    record_pulse(CLOCK, now=now)
    record_pulse("worker test 1", now=now)
    make_problem_row()
    make_message_row(make_recipient_row(), now=now)
    found = {
        (sample.name.removeprefix("civiparoisse_"), *sample.labels.values()): sample.value
        for family in list_service_metrics(now=now)
        for sample in family.samples
    }
    assert found["operations_ended_last_day", "backup", "succeeded"] == 2
    assert found["operations_seconds_last_day", "backup", "succeeded"] == 90
    assert found["operations_longest_seconds_last_day", "backup", "succeeded"] == 60
    assert found["operations_ended_last_day", "backup", "failed"] == 1
    assert found["operations_active", "restore"] == 1 and found["queue_due",] == 1
    assert found["queue_oldest_seconds",] == pytest.approx(300)
    assert found["problems", "failed", "critical"] == 1 and found["messages_waiting",] == 1
    assert found["pulse_timestamp_seconds", "clock"] == now.timestamp() and found["workers_alive",] == 1
