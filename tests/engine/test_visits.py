"""No visit is told from no log, by the manager's own request; what the log cannot tell is not told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import EngineUnavailable
from domain.specs import ObservedVisits, ProbeResult
from engine.access_log import Reading
from engine.visits import PAUSES_SECONDS, look_at_visits

OK = ProbeResult(ok=True, seconds=0.1)
AWAY = ProbeResult(ok=False, seconds=0.1, detail="nobody answers")
NOW = datetime.now(UTC)
YESTERDAY = NOW - timedelta(days=1)
VISIT = NOW - timedelta(hours=3)


def look(*readings: Reading, probed: ProbeResult = OK, since: datetime = YESTERDAY) -> tuple[ObservedVisits, int]:
    """Return what is told when the log says these things, one after the other; and how often it was read."""
    asked: list[datetime] = []
    said: Iterator[Reading] = iter(readings)

    def read(moment: datetime) -> Reading:
        asked.append(moment)
        return next(said, readings[-1])

    seen = look_at_visits(lambda: probed, read, instance="saint-paul", since=since)
    assert asked[0] == since.replace(microsecond=0)
    return seen, len(asked)


@pytest.fixture
def at() -> datetime:
    """When the manager's request is in the log: once it was made."""
    return datetime.now(UTC)


def test_the_manager_s_own_request_alone_is_no_visit(at: datetime) -> None:
    assert look(Reading(probed_at=at)) == (ObservedVisits(is_counted=True), 1)


def test_a_visit_is_told(at: datetime) -> None:
    told = ObservedVisits(is_counted=True, visited_at=VISIT)
    assert look(Reading(probed_at=at, visited_at=VISIT)) == (told, 1)


def test_a_line_that_comes_late_is_waited_for(at: datetime) -> None:
    told = ObservedVisits(is_counted=True, visited_at=VISIT)
    assert look(Reading(visited_at=VISIT), Reading(), Reading(probed_at=at)) == (told, 3)


def test_without_the_request_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.visits.PAUSES_SECONDS", (0.0,) * len(PAUSES_SECONDS))
    uncounted = (ObservedVisits(is_counted=False), 1 + len(PAUSES_SECONDS))
    assert look(Reading()) == uncounted
    assert look(Reading(visited_at=VISIT)) == uncounted, "who cannot tell us from others"
    assert look(Reading(probed_at=YESTERDAY)) == uncounted, "it wrote a log yesterday"
    with pytest.raises(EngineUnavailable):
        look(Reading(), probed=AWAY)


def test_a_page_in_trouble_that_writes_its_log_is_counted(at: datetime) -> None:
    assert look(Reading(probed_at=at), probed=AWAY)[0].is_counted


def test_what_was_not_read_is_not_told(at: datetime) -> None:
    assert not look(Reading(probed_at=at, is_cut=True))[0].is_counted
    assert look(Reading(probed_at=at, visited_at=VISIT, is_cut=True))[0].visited_at == VISIT
    before = Reading(probed_at=at, visited_at=VISIT)
    assert look(before, since=VISIT + timedelta(minutes=1))[0] == ObservedVisits(is_counted=True)
