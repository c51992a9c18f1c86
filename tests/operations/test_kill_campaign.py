"""Workers, clock and web killed at random moments while operations run: all end well, once, and work always goes on.

A few kills in every run; `make test-long` makes three hundred. The seed is printed; RANDOM_SEED repeats a run.
"""

import os
import random
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.fleet import Fleet, wait_until
from tests.servers import find_free_port

SEED = int(os.environ.get("RANDOM_SEED") or secrets.randbelow(10**6))
IS_LONG = int(os.environ.get("RANDOM_POINTS") or 0) > 6
KILLS = int(os.environ.get("CAMPAIGN_KILLS") or (300 if IS_LONG else 9))
# What is asked between the kills; a provision begins each life.
LIFE = ("suspend", "resume", "backup")
ENDS_SECONDS = 600


class Prey:
    """The processes that are killed and started again, by name."""

    def __init__(self, fleet: Fleet) -> None:
        port = find_free_port()
        self.fleet = fleet
        self.starts: dict[str, Callable[[], subprocess.Popen[bytes]]] = {
            "worker": fleet.start_worker,
            "second worker": fleet.start_worker,
            "clock": fleet.start_beat,
            "web": lambda: fleet.start_web(port),
        }
        self.running = {name: start() for name, start in self.starts.items()}
        self.kills: Counter[str] = Counter()

    def kill(self, *names: str) -> None:
        """kill -9 each of them, as its keeper would find it, and start it again."""
        for name in names:
            assert self.running[name].poll() is None, f"{name} ended by itself: {self.fleet.read_log()[-2000:]}"
            self.fleet.kill(self.running[name])
            self.kills[name] += 1
        for name in names:
            self.running[name] = self.starts[name]()


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """A manager of several processes."""
    manager = Fleet()
    try:
        yield manager
    finally:
        manager.stop()


def test_nothing_is_lost_or_doubled_and_work_always_goes_on(fleet: Fleet) -> None:
    sys.stdout.write(f"RANDOM_SEED={SEED} CAMPAIGN_KILLS={KILLS}\n")
    chance = random.Random(SEED)
    prey = Prey(fleet)
    lives: dict[str, int] = {}
    slowest = 0.0
    while prey.kills.total() < KILLS:
        slug = f"parish-{len(lives)}"
        fleet.call("ask", scenarios=[{"slug": slug, "kind": "provision", "state": "new", "parameters": {}}])
        lives[slug] = 0
        began = time.monotonic()
        for _ in range(chance.randint(1, 3)):
            deadline = time.monotonic() + chance.uniform(0, 3)
            wait_until(lambda end=deadline: time.monotonic() >= end, seconds=10, what="a random moment")
            prey.kill(*chance.sample(sorted(prey.starts), chance.randint(1, 3)))
        ended = fleet.call("wait_for_all", seconds=ENDS_SECONDS)
        slowest = max(slowest, time.monotonic() - began)
        sys.stdout.write(f"{prey.kills.total()} kills, {len(lives)} parishes, slowest round {slowest:.0f} s\n")
        # Each earlier parish goes on living, so that every kind of step is met by some kill.
        ready = [name for name, done in lives.items() if done < len(LIFE)]
        for name in ready:
            assert_ended_well(fleet, ended[name])
            fleet.call("ask_next", slug=name, kind=LIFE[lives[name]], parameters={})
            lives[name] += 1
    ended = fleet.call("wait_for_all", seconds=ENDS_SECONDS)
    for slug in lives:
        assert_ended_well(fleet, ended[slug])
    sys.stdout.write(f"{dict(prey.kills)}\n")


def assert_ended_well(fleet: Fleet, operation: dict[str, Any]) -> None:
    """The operation succeeded, released its instance, and every step was recorded once."""
    slug = operation["instance"]
    assert (operation["state"], operation["lock"]) == ("succeeded", None), operation["events"]
    done = Counter(step for step, message in operation["events"] if message == "done")
    assert set(done.values()) <= {1}, (slug, done)
    runs = Counter(effect for effect in fleet.engine.list_effects(slug) if effect.startswith("run "))
    assert set(runs.values()) <= {1}, (slug, runs)
