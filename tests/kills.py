"""Kill -9 in every step of operations, whatever their kind: each ends as it would have, nothing done twice."""

import os
import random
import secrets
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tests.fleet import Fleet, wait_until
from tests.fleet_marks import BEGUN, OVER

LOST_SECONDS = 1200
THREADS = 256
BOUNDED_POINTS = 6
RANDOM_POINTS = int(os.environ.get("RANDOM_POINTS", str(BOUNDED_POINTS)))
RANDOM_SEED = int(os.environ.get("RANDOM_SEED") or secrets.randbelow(10**6))
# Case, number of the call (from 1), moment.
Point = tuple[str, int, str]
# By name: kind, state of the instance, parameters, and the call of the engine that fails for good.
Cases = Mapping[str, dict[str, Any]]


def kill_in_every_step(fleet: Fleet, cases: Cases, *, failing: Iterable[str] = ()) -> None:
    """Run every case undisturbed, then once for every step of it with the worker killed in that step; compare.

    `failing`: the cases that end as failed.
    """
    fleet.start_beat()
    worker = fleet.start_worker(concurrency=THREADS)
    references = run_references(fleet, cases)
    assert {case for case in cases if references[case]["state"] == "failed"} == set(failing)
    points = find_points(fleet, cases, random.Random(RANDOM_SEED))
    stood_in: set[tuple[str, str]] = set()
    for start in range(0, len(points), THREADS):
        slugs = {"-".join(map(str, point)): point for point in points[start : start + THREADS]}
        stood_in |= kill_at(fleet, cases, worker, slugs)
        worker = fleet.start_worker(concurrency=THREADS)
        ended = fleet.call("wait_for_all", seconds=LOST_SECONDS)
        for slug, (case, _call, _moment) in slugs.items():
            assert_same_end(fleet, ended[slug], references[case])
            assert ended[slug]["attempt"] == 2, "another run took over"
    ran = set.union(*(find_steps(operation, "done", "failed") for operation in references.values()))
    assert stood_in == ran, "the kill met every step"


def make_scenario(cases: Cases, case: str, slug: str, *, block: tuple[int, str] | None = None) -> dict[str, Any]:
    return {**cases[case], "slug": slug, "block": block}


def assert_same_end(fleet: Fleet, killed: dict[str, Any], reference: dict[str, Any]) -> None:
    """The killed operation ended as the reference did, with the same effects and every step recorded once."""
    slug = killed["instance"]
    for key in ("state", "instance_state", "flags", "made_of", "backups", "held"):
        assert killed[key] == reference[key], (slug, key, killed[key], reference[key], killed["events"])
    assert (killed["error"] or {}).get("code") == (reference["error"] or {}).get("code"), slug
    assert killed["lock"] is None
    assert [step["state"] for step in killed["steps"]] == [step["state"] for step in reference["steps"]]
    assert fleet.engine.list_effects(slug) == fleet.engine.list_effects(reference["instance"]), slug
    done = Counter(step for step, message in killed["events"] if message == "done")
    assert set(done.values()) <= {1}, (slug, done)


def find_steps(operation: dict[str, Any], *states: str) -> set[tuple[str, str]]:
    return {(operation["kind"], step["name"]) for step in operation["steps"] if step["state"] in states}


def find_points(fleet: Fleet, cases: Cases, chance: random.Random) -> list[Point]:
    """Return where to stand: in every step of every case one place that chance chooses, all of them in `make
    test-long`; less the way that an earlier case of the kind went alike until then."""
    found: list[Point] = []
    earlier: dict[str, list[list[str]]] = {}
    for case, scenario in cases.items():
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
    """Return the places of a way: before and after each call, in the marks, by number from 1 and moment. What was
    called before the first step is the request's, which no worker makes."""
    moments = {True: ("before",), False: ("before", "after")}
    first = next(number for number, call in enumerate(calls, start=1) if call.startswith(BEGUN))
    numbered = list(enumerate(calls, start=1))[first - 1 :]
    return [(number, moment) for number, call in numbered for moment in moments[call.startswith((BEGUN, OVER))]]


def find_step(calls: list[str], number: int) -> str:
    """Return the step that is under way at a call: the last one begun by then."""
    return [call.removeprefix(BEGUN) for call in calls[:number] if call.startswith(BEGUN)][-1]


def kill_at(
    fleet: Fleet, cases: Cases, worker: subprocess.Popen[bytes], slugs: Mapping[str, Point]
) -> set[tuple[str, str]]:
    """Ask for an operation of each slug, have them all stand at their points, and kill the worker; return the steps."""
    scenarios = [make_scenario(cases, case, slug, block=(call, moment)) for slug, (case, call, moment) in slugs.items()]
    fleet.call("ask", scenarios=scenarios)
    wait_until(lambda: all(map(fleet.engine.is_blocked, slugs)), seconds=LOST_SECONDS, what="all stand blocked")
    standing = fleet.call("read")
    fleet.kill(worker)
    for slug in slugs:
        fleet.engine.unblock(slug)
    assert fleet.call("end_leases") == len(slugs), "what a dead worker held is held until its lease ends"
    return set.union(*(find_steps(standing[slug], "running") for slug in slugs))


def run_references(fleet: Fleet, cases: Cases) -> dict[str, Any]:
    """Run every case once, undisturbed, on an instance of the case's name; return how they ended."""
    fleet.call("ask", scenarios=[make_scenario(cases, case, case) for case in cases])
    ended: dict[str, Any] = fleet.call("wait_for_all", seconds=LOST_SECONDS)
    assert all(operation["ended_at"] for operation in ended.values()), fleet.read_log()[-3000:]
    return ended
