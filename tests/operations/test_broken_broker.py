"""A worker outlives what happens to its broker: a file in its place, messages of all sorts that nobody can read."""

import json
import os
import random
import shutil
import sys
from collections.abc import Iterator

import psutil
import pytest

from domain.states import OperationState
from tests.fleet import Fleet, wait_until

SEED = int(os.environ.get("RANDOM_SEED", "1"))  # another one each time: make test-long
SPOILED = 600


def test_a_broker_that_was_a_file_is_used_once_it_can_be(fleet: Fleet) -> None:
    shutil.rmtree(fleet.broker, ignore_errors=True)
    fleet.broker.parent.mkdir(parents=True, exist_ok=True)
    fleet.broker.write_text("")
    worker, beat = fleet.start_worker(), fleet.start_beat()
    wait_until(lambda: "Cannot connect" in fleet.read_log(), seconds=180, what="the worker says what ails it")
    assert str(fleet.broker) in fleet.read_log()
    fleet.broker.unlink()
    assert run_one(fleet, "saint-paul") == OperationState.SUCCEEDED
    assert worker.poll() is None and beat.poll() is None


def test_messages_that_nobody_can_read_stop_no_worker(fleet: Fleet) -> None:
    sys.stdout.write(f"RANDOM_SEED={SEED}\n")
    chance = random.Random(SEED)
    folder = fleet.broker / "messages"
    fleet.call("ask", scenarios=[{"slug": "sainte-marie", "kind": "provision", "state": "new", "parameters": {}}])
    message = json.loads(next(folder.iterdir()).read_text())
    for number in range(SPOILED):
        (folder / f"0{number:05d}.celery.msg").write_text(spoil(message, chance))
    worker = fleet.start_worker()
    fleet.start_beat()
    assert run_one(fleet, "saint-paul") == OperationState.SUCCEEDED
    wait_until(lambda: not list(folder.glob("0?????.celery.msg")), seconds=180, what="every one was taken away")
    assert worker.poll() is None, fleet.read_log()[-3000:]


def test_a_worker_has_no_child_whose_death_could_hold_up_the_others(fleet: Fleet) -> None:
    """A pool of processes shares the lock of its queue: one that is killed while it holds it silences all, for ever."""
    worker = fleet.start_worker()
    fleet.start_beat()
    assert run_one(fleet, "saint-paul") == OperationState.SUCCEEDED
    assert psutil.Process(worker.pid).children(recursive=True) == []


def run_one(fleet: Fleet, slug: str) -> str:
    """Ask for an operation and return how it ended."""
    fleet.call("ask", scenarios=[{"slug": slug, "kind": "provision", "state": "new", "parameters": {}}])
    state: str = fleet.call("wait_for_all", seconds=600)[slug]["state"]
    return state


def spoil(message: dict[str, object], chance: random.Random) -> str:
    """Return a message's text with one of its values replaced, removed or cut."""
    spoiled = json.loads(json.dumps(message))
    place = spoiled
    while True:
        name = chance.choice(sorted(place))
        if isinstance(place[name], dict) and place[name] and chance.random() < 0.7:
            place = place[name]
            continue
        if chance.random() < 0.3:
            del place[name]
        else:
            place[name] = chance.choice([None, 17, -1, "", "x", [], {}, [[], [], []], "9999-99-99", True])
        break
    text = json.dumps(spoiled)
    return text if chance.random() < 0.8 else text[: chance.randrange(len(text))]


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """A manager of several processes."""
    manager = Fleet()
    try:
        yield manager
    finally:
        manager.stop()
