"""Kill -9 in every step of every kind, on SQLite and on MariaDB: it ends as it would have, nothing done twice."""

import json
import random
import shutil
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from operations.registry import list_kinds
from tests.fleet import Fleet, wait_until
from tests.kills import (
    BOUNDED_POINTS,
    LOST_SECONDS,
    RANDOM_POINTS,
    RANDOM_SEED,
    assert_same_end,
    kill_in_every_step,
    make_scenario,
    run_references,
)
from tests.servers import MariaDbServer

# What is asked: kind, state of the instance, parameters, and the call of the engine that fails for good.
CASES: dict[str, dict[str, Any]] = {
    "provision": {"kind": "provision", "state": "new", "parameters": {}},
    "suspend": {"kind": "suspend", "state": "active", "parameters": {}},
    "resume": {"kind": "resume", "state": "suspended", "parameters": {}},
    "backup": {"kind": "backup", "state": "suspended", "parameters": {}},
    "cold": {"kind": "backup", "state": "active", "parameters": {"mode": "cold"}},
    "verify": {"kind": "verify", "state": "suspended", "parameters": {"backup": ""}},
    "browse": {"kind": "browse", "state": "active", "parameters": {"backup": ""}},
    "prove": {"kind": "prove", "state": "active", "parameters": {"backup": ""}},
    "restore": {"kind": "restore", "state": "active", "parameters": {"backup_id": "", "confirm": ""}},
    "undone": {
        "kind": "restore",
        "state": "active",
        "parameters": {"backup_id": "", "confirm": ""},
        "fail": "run_job restore",
    },
    "clone": {
        "kind": "restore",
        "state": "active",
        "parameters": {"backup_id": "", "confirm": "", "source": ""},
    },
    "unclone": {
        "kind": "restore",
        "state": "active",
        "parameters": {"backup_id": "", "confirm": "", "source": ""},
        "fail": "run_job restore",
    },
    "resize": {"kind": "resize", "state": "active", "parameters": {"plan": "large"}},
    "unsized": {"kind": "resize", "state": "active", "parameters": {"plan": "large"}, "fail": "probe"},
    "enlarged": {"kind": "enlarge_backups", "state": "active", "parameters": {"gibibytes": 7}},
    "upgrade": {"kind": "upgrade", "state": "active", "parameters": {"release": "next"}},
    "downed": {"kind": "upgrade", "state": "active", "parameters": {"release": "next"}, "fail": "run_job update"},
    "prune": {"kind": "prune", "state": "active", "parameters": {"older_than_days": 100, "confirm": ""}},
    "pruned_away": {"kind": "prune_copies", "state": "deleted", "parameters": {"everything": True, "confirm": ""}},
    "delete": {"kind": "delete", "state": "suspended", "parameters": {}},
    "purge": {"kind": "delete", "state": "active", "parameters": {"purge_backups": True, "confirm": ""}},
    "entered": {"kind": "tools", "state": "active", "parameters": {}},
    "renewed": {"kind": "renew", "state": "active", "parameters": {}},
    "adopted": {"kind": "adopt", "state": "failed", "parameters": {"confirm": ""}},
    "removed": {"kind": "remove_unowned", "state": "new", "parameters": {"engine": "fake", "confirm": ""}},
    "kept": {"kind": "delete", "state": "active", "parameters": {}, "fail": "run_job backup"},
}
FAILING = {case for case, scenario in CASES.items() if "fail" in scenario}


@pytest.fixture(params=["sqlite", "mariadb"])
def fleet(request: pytest.FixtureRequest, database_server: MariaDbServer) -> Iterator[Fleet]:
    """A manager of several processes, with its rows in SQLite or in a real MariaDB."""
    # Long enough for a hundred threads to renew in time: a lease lost to the crowd would hide the one lost to the kill.
    lease_seconds = "600" if "every_step" in request.node.name else "2"
    server = database_server if request.param == "mariadb" else None
    manager = Fleet(server=server, CIVIPAROISSE_LEASE_SECONDS=lease_seconds)
    try:
        yield manager
    finally:
        manager.stop()


def test_every_kind_is_in_this_test() -> None:
    assert {case["kind"] for case in CASES.values()} == {kind.code for kind in list_kinds()}


def test_a_worker_killed_in_every_step_changes_nothing(fleet: Fleet) -> None:
    sys.stdout.write(f"RANDOM_SEED={RANDOM_SEED}\n")
    kill_in_every_step(fleet, CASES, failing=FAILING)


def test_a_worker_killed_at_random_moments_changes_nothing(fleet: Fleet) -> None:
    """At every second one the broker is wiped with it: what was rung for is lost."""
    sys.stdout.write(f"RANDOM_SEED={RANDOM_SEED}\n")
    moments = random.Random(RANDOM_SEED)
    fleet.start_beat()
    worker = fleet.start_worker()
    references = run_references(fleet, CASES)
    slugs = {f"{case}-{number}": case for case in CASES for number in range(RANDOM_POINTS // BOUNDED_POINTS)}
    fleet.call("ask", scenarios=[make_scenario(CASES, case, slug) for slug, case in slugs.items()])
    for number in range(RANDOM_POINTS):
        await_moment(moments.uniform(0, 2))
        if number % 2:
            shutil.rmtree(fleet.broker, ignore_errors=True)
            await_moment(moments.uniform(0, 1))
            assert worker.poll() is None, "a wiped broker stops no worker"
        fleet.kill(worker)
        if number % 2:
            shutil.rmtree(fleet.broker, ignore_errors=True)
        marks = fleet.read_log().count("ready.")
        worker = fleet.start_worker()
        wait_until(lambda marks=marks: fleet.read_log().count("ready.") > marks, seconds=180, what="a worker is ready")
    ended = fleet.call("wait_for_all", seconds=LOST_SECONDS)
    for slug, case in slugs.items():
        if "fail" in CASES[case] and ended[slug]["state"] == "succeeded":
            # A worker died with the one failure that was told to the engine: the next try met none.
            case = next(name for name, one in CASES.items() if is_same_without_failure(one, CASES[case]))
        assert_same_end(fleet, ended[slug], references[case])


def is_same_without_failure(one: dict[str, Any], failing: dict[str, Any]) -> bool:
    return "fail" not in one and one["kind"] == failing["kind"] and one["state"] == failing["state"]


def await_moment(seconds: float) -> None:
    deadline = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= deadline, seconds=5, what="a random moment")


def test_two_workers_that_hear_the_same_ring_do_everything_once(fleet: Fleet) -> None:
    slugs = [f"parish-{number}" for number in range(4)]
    fleet.call("ask", scenarios=[make_scenario(CASES, "provision", slug) for slug in slugs])
    fleet.call("ring_often", times=20)
    fleet.start_worker(concurrency=8)
    fleet.start_worker(concurrency=8)
    fleet.start_beat()
    ended = fleet.call("wait_for_all", seconds=LOST_SECONDS)
    for slug in slugs:
        assert ended[slug]["state"] == "succeeded"
        assert ended[slug]["attempt"] == 1
        assert set(fleet.engine.count_effects(slug).values()) == {1}


def test_of_two_processes_that_claim_at_once_one_wins(fleet: Fleet) -> None:
    slugs = [f"parish-{number}" for number in range(30)]
    public_ids = set(fleet.call("ask", scenarios=[make_scenario(CASES, "provision", slug) for slug in slugs]).values())
    start_file = fleet.home / "start"
    claimers = [fleet.start_call("claim_all", start_file=str(start_file)) for _ in range(2)]
    wait_until(lambda: len(list(fleet.home.glob("start.ready-*"))) == 2, seconds=180, what="both are ready")
    start_file.touch()
    won = [claimer.communicate(timeout=180)[0] for claimer in claimers]
    first, second = (set(json.loads(text)) for text in won)
    assert first | second == public_ids
    assert first & second == set()
