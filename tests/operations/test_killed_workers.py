"""Kill -9 in every step of every kind, on SQLite and on MariaDB: it ends as it would have, nothing done twice."""

import json
import os
import random
import secrets
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from operations.kinds import KINDS
from tests.fleet import Fleet, wait_until
from tests.servers import MariaDbServer

# What is asked: kind, state of the instance, parameters, and the call of the engine that fails for good.
CASES: dict[str, dict[str, Any]] = {
    "provision": {"kind": "provision", "state": "new", "parameters": {}},
    "suspend": {"kind": "suspend", "state": "active", "parameters": {}},
    "resume": {"kind": "resume", "state": "suspended", "parameters": {}},
    "backup": {"kind": "backup", "state": "suspended", "parameters": {}},
    "cold": {"kind": "backup", "state": "active", "parameters": {"mode": "cold"}},
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
    "delete": {"kind": "delete", "state": "suspended", "parameters": {}},
    "purge": {"kind": "delete", "state": "active", "parameters": {"purge_backups": True, "confirm": ""}},
    "kept": {"kind": "delete", "state": "active", "parameters": {}, "fail": "run_job backup"},
}
FAILING = {case for case, scenario in CASES.items() if "fail" in scenario}
# The first case of each kind.
ONE_A_KIND = {scenario["kind"]: case for case, scenario in reversed(CASES.items())}
# Steps that ask the engine nothing in these cases cannot be stood in there; the kills at random moments meet them.
WITHOUT_A_CALL = {
    ("backup", "settle"),
    ("delete", "await_backup"),
    ("delete", "grace"),
    ("delete", "forget_backups"),
    ("restore", "isolate_clone"),
    ("restore", "undo_isolation"),
    ("resize", "set_plan"),
    ("resize", "undo_plan"),
    ("resize", "settle"),
}
LOST_SECONDS = 180
THREADS = 256
BOUNDED_POINTS = 6
RANDOM_POINTS = int(os.environ.get("RANDOM_POINTS", str(BOUNDED_POINTS)))
RANDOM_SEED = int(os.environ.get("RANDOM_SEED") or secrets.randbelow(10**6))
# After the effect and before it is recorded is the worst moment; the other one comes with `make test-long`.
MOMENTS = ("after",) if RANDOM_POINTS <= BOUNDED_POINTS else ("before", "after")
# What is lost at a random moment, or with the broker, does not depend on where the rows are: both databases are met by
# the kill in every step, and by all of these in `make test-long`.
EITHER_DATABASE = ["sqlite"] if RANDOM_POINTS <= BOUNDED_POINTS else ["sqlite", "mariadb"]


@pytest.fixture(params=["sqlite", "mariadb"])
def fleet(request: pytest.FixtureRequest, database_server: MariaDbServer) -> Iterator[Fleet]:
    """A manager of several processes, with its rows in SQLite or in a real MariaDB."""
    # Long enough for a hundred threads to renew in time: a lease lost to the crowd would hide the one lost to the kill.
    crowded = "every_step" in request.node.name
    lease_seconds = "20" if crowded else "2"
    server = database_server if request.param == "mariadb" else None
    manager = Fleet(server=server, CIVIPAROISSE_LEASE_SECONDS=lease_seconds)
    # The kill in every step meets every way of every kind on SQLite; elsewhere the first way of each will do.
    whole = RANDOM_POINTS > BOUNDED_POINTS or (crowded and server is None)
    manager.cases = list(CASES) if whole else [case for case in CASES if case in ONE_A_KIND.values()]
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


def find_calls(fleet: Fleet, references: dict[str, Any], chance: random.Random) -> list[tuple[str, int]]:
    """Return the calls to stand in, by case and number: of every step one that chance chooses, all of them in
    `make test-long`; less what an earlier case of the kind made alike until then."""
    found: list[tuple[str, int]] = []
    earlier: dict[str, list[list[str]]] = {}
    for case in fleet.cases:
        calls = fleet.engine.list_calls(case)
        known = earlier.setdefault(CASES[case]["kind"], [])
        alike = max((len(os.path.commonprefix([calls, other])) for other in known), default=0)
        numbers = range(alike + 1, len(calls) + 1)
        found += [(case, number) for number in select_calls(fleet, references[case], numbers, chance)]
        known.append(calls)
    return found


def select_calls(fleet: Fleet, reference: dict[str, Any], numbers: range, chance: random.Random) -> list[int]:
    if RANDOM_POINTS > BOUNDED_POINTS:
        return list(numbers)
    times = fleet.engine.list_call_times(reference["instance"])
    by_step: dict[str, list[int]] = {}
    for number in numbers:
        by_step.setdefault(find_step_at(reference, times[number - 1]), []).append(number)
    return sorted(chance.choice(of_step) for of_step in by_step.values())


def find_step_at(operation: dict[str, Any], moment: float) -> str:
    """Return the step that was under way: of those begun by then, the one begun last."""
    begun = [(step["started_at"], step["name"]) for step in operation["steps"] if step["started_at"]]
    return max((at, name) for at, name in begun if datetime.fromisoformat(at).timestamp() <= moment)[1]


def find_calling_steps(fleet: Fleet, operation: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the steps that asked the engine something: a worker can be made to stand in them."""
    times = fleet.engine.list_call_times(operation["instance"])
    return {(operation["kind"], find_step_at(operation, moment)) for moment in times}


def test_every_kind_is_in_this_test() -> None:
    assert {case["kind"] for case in CASES.values()} == {kind.value for kind in KINDS}


def test_a_worker_killed_in_every_step_changes_nothing(fleet: Fleet) -> None:
    sys.stdout.write(f"RANDOM_SEED={RANDOM_SEED}\n")
    fleet.start_beat()
    worker = fleet.start_worker(pool="threads", concurrency=THREADS)
    references = run_references(fleet)
    assert {case for case in fleet.cases if references[case]["state"] == "failed"} == FAILING & set(fleet.cases)

    calls = find_calls(fleet, references, random.Random(RANDOM_SEED))
    points = [(case, call, moment) for case, call in calls for moment in MOMENTS]
    slugs = {f"{case}-{call}-{moment}": case for case, call, moment in points}
    assert len(fleet.cases) < len(slugs) <= THREADS, "all of them stand at once"
    scenarios = [make_scenario(case, f"{case}-{call}-{moment}", block=(call, moment)) for case, call, moment in points]
    fleet.call("ask", scenarios=scenarios)
    wait_until(lambda: all(map(fleet.engine.is_blocked, slugs)), seconds=LOST_SECONDS, what="all stand blocked")
    standing = fleet.call("read")
    fleet.kill(worker)
    for slug in slugs:
        fleet.engine.unblock(slug)

    stood_in = set.union(*(find_steps(standing[slug], "running") for slug in slugs))
    called = set.union(*(find_calling_steps(fleet, references[case]) for case in fleet.cases))
    assert called <= stood_in, "the kill met every step"
    ran = set.union(*(find_steps(references[case], "done", "failed") for case in fleet.cases))
    assert len(fleet.cases) < len(CASES) or ran - called == WITHOUT_A_CALL

    fleet.start_worker(pool="threads", concurrency=THREADS)
    ended = fleet.call("wait_for_all", seconds=LOST_SECONDS)
    for slug, case in slugs.items():
        assert_same_end(fleet, ended[slug], references[case])
        assert ended[slug]["attempt"] == 2, "another run took over"


@pytest.mark.parametrize("fleet", EITHER_DATABASE, indirect=True)
def test_a_worker_killed_at_random_moments_changes_nothing(fleet: Fleet) -> None:
    sys.stdout.write(f"RANDOM_SEED={RANDOM_SEED}\n")
    moments = random.Random(RANDOM_SEED)
    fleet.start_beat()
    worker = fleet.start_worker()
    references = run_references(fleet)
    slugs = {f"{case}-{number}": case for case in fleet.cases for number in range(RANDOM_POINTS // BOUNDED_POINTS)}
    fleet.call("ask", scenarios=[make_scenario(case, slug) for slug, case in slugs.items()])
    for _ in range(RANDOM_POINTS):
        deadline = time.monotonic() + moments.uniform(0, 2)
        wait_until(lambda deadline=deadline: time.monotonic() >= deadline, seconds=5, what="a random moment")
        fleet.kill(worker)
        marks = fleet.read_log().count("ready.")
        worker = fleet.start_worker()
        wait_until(lambda marks=marks: fleet.read_log().count("ready.") > marks, seconds=60, what="a worker is ready")
    ended = fleet.call("wait_for_all", seconds=LOST_SECONDS)
    for slug, case in slugs.items():
        assert_same_end(fleet, ended[slug], references[case])


@pytest.mark.parametrize("fleet", EITHER_DATABASE, indirect=True)
def test_a_worker_killed_while_the_broker_is_wiped_loses_nothing(fleet: Fleet) -> None:
    fleet.start_beat()
    worker = fleet.start_worker()
    references = run_references(fleet)
    slugs = {f"{case}-again": case for case in fleet.cases}
    fleet.call("ask", scenarios=[make_scenario(case, slug) for slug, case in slugs.items()])
    for slug in list(slugs)[:3]:
        wait_until(lambda slug=slug: bool(fleet.engine.list_calls(slug)), seconds=LOST_SECONDS, what=f"{slug} begins")
        shutil.rmtree(fleet.broker, ignore_errors=True)
    assert worker.poll() is None, "a wiped broker stops no worker"
    fleet.kill(worker)
    shutil.rmtree(fleet.broker, ignore_errors=True)
    fleet.start_worker()
    ended = fleet.call("wait_for_all", seconds=LOST_SECONDS)
    for slug, case in slugs.items():
        assert_same_end(fleet, ended[slug], references[case])


def run_references(fleet: Fleet) -> dict[str, Any]:
    """Run every case once, undisturbed, on an instance of the case's name; return how they ended."""
    fleet.call("ask", scenarios=[make_scenario(case, case) for case in fleet.cases])
    ended: dict[str, Any] = fleet.call("wait_for_all", seconds=LOST_SECONDS)
    assert all(operation["ended_at"] for operation in ended.values()), fleet.read_log()[-3000:]
    return ended


def test_two_workers_that_hear_the_same_ring_do_everything_once(fleet: Fleet) -> None:
    slugs = [f"parish-{number}" for number in range(4)]
    fleet.call("ask", scenarios=[make_scenario("provision", slug) for slug in slugs])
    fleet.call("ring_often", times=20)
    fleet.start_worker(pool="threads", concurrency=8)
    fleet.start_worker(pool="threads", concurrency=8)
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
