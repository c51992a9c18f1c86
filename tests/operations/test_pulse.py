"""Pulses: written, renewed, forgotten; a database that is away stops nobody."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from operations.models import Pulse
from operations.pulse import (
    CLOCK,
    WORKER_SECONDS,
    forget_old_workers,
    read_pulses,
    record_pulse,
    record_worker_pulse,
)

NOW = timezone.now()


@pytest.mark.django_db
def test_a_pulse_is_one_row_that_follows_the_clock_also_backwards() -> None:
    for moment in (NOW, NOW + timedelta(hours=1), NOW - timedelta(hours=1)):
        record_pulse(CLOCK, now=moment)
        assert read_pulses() == {CLOCK: moment}


@pytest.mark.django_db
def test_a_worker_is_written_down_now_and_then_and_at_once_when_the_clock_went_back() -> None:
    later = NOW + timedelta(days=1)  # whatever an earlier test wrote
    record_worker_pulse(now=later)
    (name,) = read_pulses()
    record_worker_pulse(now=later + timedelta(seconds=WORKER_SECONDS - 1))
    assert read_pulses() == {name: later}, "not for every message"
    record_worker_pulse(now=later + timedelta(seconds=WORKER_SECONDS))
    assert read_pulses()[name] == later + timedelta(seconds=WORKER_SECONDS)
    record_worker_pulse(now=NOW)
    assert read_pulses()[name] == NOW


@pytest.mark.django_db
def test_workers_long_gone_are_forgotten_the_clock_never() -> None:
    for name in (CLOCK, "worker old 1", "worker new 2"):
        record_pulse(name, now=NOW - timedelta(hours=0 if "new" in name else 2))
    forget_old_workers(now=NOW)
    assert set(read_pulses()) == {CLOCK, "worker new 2"}


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    connection.close()
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "/nonexistent/place.sqlite3"
    try:
        with caplog.at_level(logging.WARNING, "operations"):
            record_pulse(CLOCK, now=NOW)
            forget_old_workers(now=NOW)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
    assert len(caplog.records) == 2
    assert not Pulse.objects.exists()
