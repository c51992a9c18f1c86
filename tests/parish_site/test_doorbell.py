"""The workers are told once the row is there; a broker that is away loses nothing."""

import logging

import pytest
from celery import current_app

from parish_site.doorbell import LINKS_TASK, ring, ring_on_commit


@pytest.mark.django_db
def test_it_rings_after_the_commit(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object) -> None:
    sent: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_options: sent.append(name))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        ring_on_commit()
        assert sent == []
    assert sent == [LINKS_TASK]


def test_a_broker_that_is_away_is_only_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError("away")

    monkeypatch.setattr(current_app, "send_task", refuse)
    with caplog.at_level(logging.WARNING):
        ring()
    assert "away" in caplog.text
