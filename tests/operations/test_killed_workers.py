"""Kill -9 in every step of every kind, on SQLite and on MariaDB: it ends as it would have, nothing done twice."""

import json
import os
import random
import secrets
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from operations.registry import list_kinds
from tests.fleet import Fleet, wait_until
from tests.fleet_marks import BEGUN, OVER
from tests.servers import MariaDbServer

# What is asked: kind, state of the instance, parameters, and the call of the engine that fails for good.
CASES: dict[str, dict[str, Any]] = {
    "provision": {"kind": "provision", "state": "new", "parameters": {}},
    "suspend": {"kind": "suspend", "state": "active", "parameters": {}},
    "resume": {"kind": "resume", "state": "suspended", "parameters": {}},
    "backup": {"kind": "backup", "state": "suspended", "parameters": {}},
    "cold": {"kind": "backup", "state": "active", "parameters": {"mode": "cold"}},
    "verify": {"kind": "verify", "state": "suspended", "parameters": {"backup": ""}},
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
    "upgrade": {"kind": "upgrade", "state": "active", "parameters": {"release": "next"}},
    "downed": {"kind": "upgrade", "state": "active", "parameters": {"release": "next"}, "fail": "run_job update"},
    "prune": {"kind": "prune", "state": "active", "parameters": {"older_than_days": 100, "confirm": ""}},
    "delete": {"kind": "delete", "state": "suspended", "parameters": {}},
    "purge": {"kind": "delete", "state": "active", "parameters": {"purge_backups": True, "confirm": ""}},
    "removed": {"kind": "remove_unowned", "state": "new", "parameters": {"engine": "fake", "confirm": ""}},
    "kept": {"kind": "delete", "state": "active", "parameters": {}, "fail": "run_job backup"},
}
FAILING = {case for case, scenario in CASES.items() if "fail" in scenario}
LOST_SECONDS = 180
THREADS = 256
BOUNDED_POINTS = 6
RANDOM_POINTS = int(os.environ.get("RANDOM_POINTS", str(BOUNDED_POINTS)))
RANDOM_SEED = int(os.environ.get("RANDOM_SEED") or secrets.randbelow(10**6))
# Case, number of the call (from 1), moment.
Point = tuple[str, int, str]


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


def make_scenario(case: str, slug: str, *, block: tuple[int, str] | None = None) -> dict[str, Any]:
    return {**CASES[case], "slug": slug, "block": block}


def assert_same_end(fleet: Fleet, killed: dict[str, Any], reference: dict[str, Any]) -> None:
    """The killed operation ended as the reference did, with the same effects and every step recorded once."""
    slug = killed["instance"]
    for key in ("state", "instance_state", "flags", "made_of", "backups", "held"):
        assert killed[key] == reference[key], (slug, key, killed["events"])
    assert (killed["error"] or {}).get("code") == (reference["error"] or {}).get("code"), slug
    assert killed["lock"] is None
    assert [step["state"] for step in killed["steps"]] == [step["state"] for step in reference["steps"]]
    assert fleet.engine.list_effects(slug) == fleet.engine.list_effects(reference["instance"]), slug
    done = Counter(step for step, message in killed["events"] if message == "done")
    assert set(done.values()) <= {1}, (slug, done)


def find_steps(operation: dict[str, Any], *states: str) -> set[tuple[str, str]]:
    return {(operation["kind"], step["name"]) for step in operation["steps"] if step["state"] in states}


def find_points(fleet: Fleet, chance: random.Random) -> list[Point]:
    """Return where to stand: in every step of every case one place that chance chooses, all of them in `make
    test-long`; less the way that an earlier case of the kind went alike until then."""
    found: list[Point] = []
    earlier: dict[str, list[list[str]]] = {}
    for case, scenario in CASES.items():
        calls = fleet.engine.list_calls(case)
        known = earlier.setdefault(scenario["kind"], [])
        alike = max((len(os.path.commonprefix([calls, other])) for other in known), default=0)
        points = [(case, *point) for point in list_points(calls) if point[0] > alike]
        known.append(calls)
        if RANDOM_POINTS > BOUNDED_POINTS:
            found += points
            continue
        steps: dict[str, list[Point]] = {}
        for point in points:
            steps.setdefault(find_step(calls, point[1]), []).append(point)
        found += map(chance.choice, steps.values())
    return found


def list_points(calls: list[str]) -> list[tuple[int, str]]:
    """Return the places of a way: before and after each call, in the marks, by number from 1 and moment."""
    moments = {True: ("before",), False: ("before", "after")}
    numbered = enumerate(calls, start=1)
    return [(number, moment) for number, call in numbered for moment in moments[call.startswith((BEGUN, OVER))]]


def find_step(calls: list[str], number: int) -> str:
    """Return the step that is under way at a call: the last one begun by then."""
    return [call.removeprefix(BEGUN) for call in calls[:number] if call.startswith(BEGUN)][-1]


def test_every_kind_is_in_this_test() -> None:
    assert {case["kind"] for case in CASES.values()} == {kind.code for kind in list_kinds()}


def test_a_worker_killed_in_every_step_changes_nothing(fleet: Fleet) -> None:
    sys.stdout.write(f"RANDOM_SEED={RANDOM_SEED}\n")
    fleet.start_beat()
    worker = fleet.start_worker(concurrency=THREADS)
    references = run_references(fleet)
    assert {case for case in CASES if references[case]["state"] == "failed"} == FAILING
    points = find_points(fleet, random.Random(RANDOM_SEED))
    stood_in: set[tuple[str, str]] = set()
    for start in range(0, len(points), THREADS):
        slugs = {"-".join(map(str, point)): point for point in points[start : start + THREADS]}
        stood_in |= kill_at(fleet, worker, slugs)
        worker = fleet.start_worker(concurrency=THREADS)
        ended = fleet.call("wait_for_all", seconds=LOST_SECONDS)
        for slug, (case, _call, _moment) in slugs.items():
            assert_same_end(fleet, ended[slug], references[case])
            assert ended[slug]["attempt"] == 2, "another run took over"
    ran = set.union(*(find_steps(operation, "done", "failed") for operation in references.values()))
    assert stood_in == ran, "the kill met every step"


def kill_at(fleet: Fleet, worker: subprocess.Popen[bytes], slugs: Mapping[str, Point]) -> set[tuple[str, str]]:
    """Ask for an operation of each slug, have them all stand at their points, and kill the worker; return the steps."""
    scenarios = [make_scenario(case, slug, block=(call, moment)) for slug, (case, call, moment) in slugs.items()]
    fleet.call("ask", scenarios=scenarios)
    wait_until(lambda: all(map(fleet.engine.is_blocked, slugs)), seconds=LOST_SECONDS, what="all stand blocked")
    standing = fleet.call("read")
    fleet.kill(worker)
    for slug in slugs:
        fleet.engine.unblock(slug)
    assert fleet.call("end_leases") == len(slugs), "what a dead worker held is held until its lease ends"
    return set.union(*(find_steps(standing[slug], "running") for slug in slugs))


def test_a_worker_killed_at_random_moments_changes_nothing(fleet: Fleet) -> None:
    """At every second one the broker is wiped with it: what was rung for is lost."""
    sys.stdout.write(f"RANDOM_SEED={RANDOM_SEED}\n")
    moments = random.Random(RANDOM_SEED)
    fleet.start_beat()
    worker = fleet.start_worker()
    references = run_references(fleet)
    slugs = {f"{case}-{number}": case for case in CASES for number in range(RANDOM_POINTS // BOUNDED_POINTS)}
    fleet.call("ask", scenarios=[make_scenario(case, slug) for slug, case in slugs.items()])
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
        wait_until(lambda marks=marks: fleet.read_log().count("ready.") > marks, seconds=60, what="a worker is ready")
    ended = fleet.call("wait_for_all", seconds=LOST_SECONDS)
    for slug, case in slugs.items():
        assert_same_end(fleet, ended[slug], references[case])


def await_moment(seconds: float) -> None:
    deadline = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= deadline, seconds=5, what="a random moment")


def run_references(fleet: Fleet) -> dict[str, Any]:
    """Run every case once, undisturbed, on an instance of the case's name; return how they ended."""
    fleet.call("ask", scenarios=[make_scenario(case, case) for case in CASES])
    ended: dict[str, Any] = fleet.call("wait_for_all", seconds=LOST_SECONDS)
    assert all(operation["ended_at"] for operation in ended.values()), fleet.read_log()[-3000:]
    return ended


def test_two_workers_that_hear_the_same_ring_do_everything_once(fleet: Fleet) -> None:
    slugs = [f"parish-{number}" for number in range(4)]
    fleet.call("ask", scenarios=[make_scenario("provision", slug) for slug in slugs])
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
    public_ids = set(fleet.call("ask", scenarios=[make_scenario("provision", slug) for slug in slugs]).values())
    start_file = fleet.home / "start"
    claimers = [fleet.start_call("claim_all", start_file=str(start_file)) for _ in range(2)]
    wait_until(lambda: len(list(fleet.home.glob("start.ready-*"))) == 2, seconds=60, what="both are ready")
    start_file.touch()
    won = [claimer.communicate(timeout=60)[0] for claimer in claimers]
    first, second = (set(json.loads(text)) for text in won)
    assert first | second == public_ids
    assert first & second == set()
