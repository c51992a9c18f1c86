"""A ring is a message in the broker, sent after the commit; a broker that is away is no error."""

from pathlib import Path

import pytest
from django.db import transaction

from operations.doorbell import ring, ring_on_commit, ring_task, ring_task_on_commit


def test_a_ring_is_one_whole_message_with_the_identifier(messages: Path) -> None:
    ring("op-1234567890")
    assert [file.suffix for file in messages.iterdir()] == [".msg"]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_for_what_is_rolled_back(messages: Path) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ring_on_commit("op-1234567890")
        raise ZeroDivisionError
    assert list(messages.iterdir()) == []
    with transaction.atomic():
        ring_on_commit("op-1234567890")
        assert list(messages.iterdir()) == []
    assert len(list(messages.iterdir())) == 1


def test_a_broker_that_cannot_be_written_is_only_logged(messages: Path, caplog: pytest.LogCaptureFixture) -> None:
    messages.rmdir()
    messages.write_text("a file in the way")
    try:
        ring("op-1234567890")
    finally:
        messages.unlink()
    assert "op-1234567890: no message could be sent" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_task_of_the_clock_is_asked_for_after_the_commit(messages: Path) -> None:
    with transaction.atomic():
        ring_task_on_commit("parish_requests.deliver")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            ring_task_on_commit("parish_requests.advance")
            raise ZeroDivisionError
        assert list(messages.iterdir()) == []
    (message,) = messages.iterdir()
    assert "parish_requests.deliver" in message.read_text()
    ring_task_on_commit("parish_requests.advance")
    assert len(list(messages.iterdir())) == 2


def test_a_task_that_cannot_be_asked_for_is_only_logged(messages: Path, caplog: pytest.LogCaptureFixture) -> None:
    messages.rmdir()
    messages.write_text("a file in the way")
    try:
        ring_task("parish_requests.deliver")
    finally:
        messages.unlink()
    assert "parish_requests.deliver: no message could be sent" in caplog.text
