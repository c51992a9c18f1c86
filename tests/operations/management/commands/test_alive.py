"""`alive`: what a probe of the worker or of the clock is told."""

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import DatabaseError
from django.utils import timezone

from operations.management.commands import alive
from operations.pulse import CLOCK, SWEEP, record_pulse
from tests.commands import run_command, run_json

pytestmark = pytest.mark.django_db

HERE = f"worker {socket.gethostname()[:60]} 12"


@pytest.fixture(params=[("worker", HERE), ("beat", CLOCK)], ids=["worker", "beat"])
def part(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """A part, and the pulse by which it is known."""
    yield request.param


def test_who_worked_lately_lives(part: tuple[str, str]) -> None:
    record_pulse(part[1], now=timezone.now())
    assert run_json("alive", part[0]) == (0, {"part": part[0], "alive": True, "fault": None})
    assert run_command("alive", part[0])[1].strip() == "OK"


def test_who_was_never_seen_does_not(part: tuple[str, str]) -> None:
    code, answer = run_json("alive", part[0])
    assert (code, answer["alive"]) == (1, False)
    assert answer["fault"]["message"] and answer["fault"]["hint"]


@pytest.mark.parametrize("away", [timedelta(seconds=1), timedelta(days=2)])
def test_who_is_silent_for_longer_than_the_limit_does_not(
    part: tuple[str, str], away: timedelta, settings: LazySettings
) -> None:
    record_pulse(part[1], now=timezone.now() - timedelta(seconds=settings.SILENCE_SECONDS) - away)
    assert run_command("alive", part[0])[0] == 1


def test_a_worker_elsewhere_says_nothing_of_this_one() -> None:
    record_pulse("worker elsewhere 12", now=timezone.now())
    record_pulse(SWEEP, now=timezone.now())
    record_pulse(f"worker {socket.gethostname()[:60]}-2 12", now=timezone.now())
    assert run_json("alive", "worker")[1]["fault"]["code"] == "worker_silent"


def test_a_pulse_of_before_a_restart_does_not_hide_the_new_one() -> None:
    record_pulse(HERE, now=timezone.now())
    record_pulse(f"worker {socket.gethostname()[:60]} 11", now=timezone.now() - timedelta(minutes=50))
    assert run_command("alive", "worker")[0] == 0


def test_a_database_that_does_not_answer_condemns_nobody(
    part: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> dict[str, object]:
        raise DatabaseError("away")

    monkeypatch.setattr(alive, "read_pulses", refuse)
    assert run_json("alive", part[0]) == (0, {"part": part[0], "alive": None, "fault": None})
