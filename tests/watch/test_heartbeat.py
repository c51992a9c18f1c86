"""A sign of life only while there is life."""

from typing import Any

import pytest
from django.utils import timezone

from operations.pulse import CLOCK, SWEEP, record_pulse
from tests.watch.servers import serve_webhooks
from watch.heartbeat import send_heartbeat

pytestmark = pytest.mark.django_db


def test_it_is_sent_while_clock_and_workers_are_heard(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    now = timezone.now()
    with serve_webhooks() as receiver:
        settings.HEARTBEAT_URL = receiver.url
        assert not send_heartbeat(now=now) and receiver.posts == []
        record_pulse(CLOCK, now=now)
        record_pulse(SWEEP, now=now)
        assert send_heartbeat(now=now) and len(receiver.posts) == 1
        receiver.status = 500
        assert not send_heartbeat(now=now)
        settings.HEARTBEAT_URL = ""
        assert not send_heartbeat(now=now) and len(receiver.posts) == 2
    settings.HEARTBEAT_URL = receiver.url
    assert not send_heartbeat(now=now)
    # Whoever knows the address can fake the sign.
    assert "ConnectionError" in caplog.text and receiver.url not in caplog.text
