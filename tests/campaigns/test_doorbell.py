"""A doorbell: it rings once what was written is committed, and a broker that is away stops nothing."""

from pathlib import Path

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from campaigns import doorbell


@pytest.mark.django_db(transaction=True)
def test_it_rings_after_the_commit_only(messages: Path) -> None:
    with transaction.atomic():
        doorbell.ring_on_commit()
        assert not list(messages.glob("*.msg"))
    (message,) = messages.glob("*.msg")
    assert doorbell.ADVANCE_TASK in message.read_text()


def test_a_broker_that_is_away_is_only_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise OperationalError("no connection")

    monkeypatch.setattr(doorbell.current_app, "send_task", refuse)
    doorbell.ring()
    assert "the clock will ask" in caplog.text
