"""What is paid for and forgotten is found once, with what it holds and the operation that ends it."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from domain.fleet import ObservedFleet, ObservedPod, ObservedVolume, RemovableKind
from domain.reservations import NOTHING, Reservation
from domain.specs import ObservedInstance
from domain.states import InstanceState, OperationKind
from finops.advice.waste import Finding, InstanceFacts, Limits, Waste, find_waste
from finops.usage.idleness import IdleSince
from operations.registry import get_kind
from tests.builders import GIBIBYTE

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HELD = Reservation(1350, GIBIBYTE)


def make_facts(identifier: str = "saint-paul", **changes: object) -> InstanceFacts:
    values: dict[str, object] = {
        "identifier": identifier,
        "tenant": identifier,
        "engine": "fake",
        "state": "active",
        "since": NOW - timedelta(days=10),
        "reserved": HELD,
        "volume_bytes": 5 * GIBIBYTE,
    }
    return InstanceFacts(**{**values, **changes})  # type: ignore[arg-type]


def look(
    known: Iterable[InstanceFacts] = (),
    limits: Limits | None = None,
    own_volumes: Collection[tuple[str, str]] = (),
    **seen: object,
) -> tuple[Waste, ...]:
    fleet = ObservedFleet(at=NOW, **seen)  # type: ignore[arg-type]
    return find_waste(known, {"fake": fleet}, now=NOW, limits=limits or Limits(), own_volumes=own_volumes)


def test_a_healthy_fleet_has_no_finding() -> None:
    volumes = (
        ObservedVolume(name="v1", capacity_bytes=1, instance="saint-paul", claim="db", is_mounted=True),
        ObservedVolume(name="v2", capacity_bytes=1, instance="saint-paul", claim="backups"),
    )
    row = make_facts(quiet=IdleSince(visits=NOW - timedelta(days=89), logins=NOW - timedelta(days=200)))
    assert look([row], instances={"saint-paul": _make_seen("saint-paul")}, volumes=volumes) == ()


def test_an_instance_suspended_too_long_costs_its_volumes() -> None:
    row = make_facts(state="suspended", since=NOW - timedelta(days=61))
    (waste,) = look([row])
    assert (waste.finding, waste.answer) == (Finding.SUSPENDED_LONG, OperationKind.DELETE)
    assert (waste.storage_bytes, waste.reserved) == (5 * GIBIBYTE, NOTHING)
    assert look([make_facts(state="suspended", since=NOW - timedelta(days=59))]) == ()


def test_an_instance_that_nobody_uses_costs_its_servers() -> None:
    quiet = IdleSince(visits=NOW - timedelta(days=91), logins=NOW - timedelta(days=200))
    (waste,) = look([make_facts(quiet=quiet)])
    assert (waste.finding, waste.answer) == (Finding.IDLE, OperationKind.SUSPEND)
    assert (waste.reserved, waste.storage_bytes) == (HELD, 0)
    assert (waste.quiet, waste.since) == (quiet, quiet.visits)
    assert look([make_facts(quiet=quiet, state="suspended")]) == ()


def test_one_signal_is_enough_and_either_says_that_somebody_was_there() -> None:
    old, new = NOW - timedelta(days=91), NOW - timedelta(days=1)
    for quiet in (IdleSince(visits=old), IdleSince(logins=old)):
        assert [one.finding for one in look([make_facts(quiet=quiet)])] == [Finding.IDLE]
    for quiet in (IdleSince(visits=old, logins=new), IdleSince(visits=new, logins=old), IdleSince(logins=new)):
        assert look([make_facts(quiet=quiet)]) == ()


def test_no_data_is_not_idleness() -> None:
    assert look([make_facts(quiet=IdleSince())]) == ()


def test_released_volumes_are_paid_for_whoever_had_them() -> None:
    volumes = (
        ObservedVolume(name="pv-1", capacity_bytes=GIBIBYTE, storage_class="fast", is_bound=False),
        ObservedVolume(name="pv-2", capacity_bytes=1, instance="saint-paul", claim="backups", is_bound=False),
    )
    unowned, ours = look([make_facts(state="deleted")], volumes=volumes)
    assert (unowned.finding, unowned.storage_class, unowned.answer) == (Finding.VOLUME_RELEASED, "fast", None)
    assert (ours.instance, ours.answer) == ("saint-paul", OperationKind.DELETE)


def test_what_an_earlier_life_left_never_ends_the_present_one() -> None:
    left = {"name": "pv-2", "capacity_bytes": 1, "instance": "saint-paul", "claim": "dbvolclaim", "is_bound": False}
    volume = ObservedVolume(reclaim_policy="Retain", **left)
    for state in ("active", "deleted"):
        (waste,) = look([make_facts(state=state)], volumes=(volume,))
        assert (waste.finding, waste.answer, waste.removable) == (Finding.VOLUME_RELEASED, None, None)
        (waste,) = look([make_facts(state=state)], volumes=(volume,), own_volumes={("fake", "pv-2")})
        assert (waste.answer, waste.removable, waste.place) == (None, RemovableKind.VOLUME, "pv-2")
    # Where volumes have no policy, those that were kept are the instance's own.
    assert look([make_facts(state="new")], volumes=(ObservedVolume(**left),)) == ()


def test_a_volume_that_no_pod_of_a_running_instance_mounts() -> None:
    volume = ObservedVolume(name="v", capacity_bytes=GIBIBYTE, instance="saint-paul", claim="filevolclaim")
    (waste,) = look([make_facts()], volumes=(volume,))
    assert (waste.finding, waste.answer) == (Finding.VOLUME_WITHOUT_POD, OperationKind.RESUME)
    assert look([make_facts(state="suspended")], volumes=(volume,)) == ()


def test_what_runs_and_is_nobodys() -> None:
    (waste,) = look(
        [make_facts()],
        instances={"saint-paul": _make_seen("saint-paul"), "lost": _make_seen("lost")},
        pods=[ObservedPod(name=name, instance="lost", component=name, reserved=HELD) for name in ("db", "httpd")],
        volumes=[
            ObservedVolume(
                name=f"v{number}", capacity_bytes=GIBIBYTE, instance="lost", claim="db", storage_class="fast"
            )
            for number in range(3)
        ],
    )
    assert (waste.finding, waste.name, waste.answer) == (Finding.NAMESPACE_WITHOUT_PARISH, "lost", None)
    assert (waste.place, waste.reserved) == ("lost", Reservation(2700, 2 * GIBIBYTE))
    assert (waste.storage_bytes, waste.storage_class, waste.removable) == (3 * GIBIBYTE, "fast", None)


def test_what_this_manager_made_it_may_remove_and_what_holds_nothing_is_none() -> None:
    volume = ObservedVolume(name="v", capacity_bytes=1, instance="theirs", claim="db")
    seen = {
        name: ObservedInstance(identifier=name, exists=True, manager=manager)
        for name, manager in (("ours", "us"), ("theirs", "them"), ("empty", "them"), ("gone", None))
    }
    found = look(instances=seen, volumes=(volume,), manager="us")
    assert [(one.name, one.removable) for one in found] == [("ours", RemovableKind.INSTANCE), ("theirs", None)]


def test_the_name_of_an_instance_of_another_place_is_nobodys_here() -> None:
    seen = {"saint-paul": ObservedInstance(identifier="saint-paul", exists=True, manager="")}
    (waste,) = look([make_facts(engine="elsewhere")], instances=seen)
    assert (waste.finding, waste.removable) == (Finding.NAMESPACE_WITHOUT_PARISH, RemovableKind.INSTANCE)


def fail(name: str, *, days: int = 1, program: str = "cron") -> ObservedPod:
    ended = NOW - timedelta(days=days)
    return ObservedPod(
        name=name, instance="saint-paul", component=program, job=name, failed=True, started_at=ended, ended_at=ended
    )


def test_runs_that_failed_lately_are_one_finding_a_program() -> None:
    good = ObservedPod(name="c4", instance="saint-paul", component="cron", job="c4")
    (waste,) = look([make_facts()], pods=(fail("c1"), fail("c2", days=2), fail("c3", days=30), good))
    assert (waste.finding, waste.name, waste.count) == (Finding.FAILED_RUNS, "cron", 2)
    assert waste.since == NOW - timedelta(days=2)


def test_what_went_well_since_then_is_no_finding() -> None:
    ended = NOW - timedelta(hours=5)
    good = ObservedPod(
        name="good", instance="saint-paul", component="cron", job="good", started_at=ended, ended_at=ended
    )
    assert look([make_facts()], pods=(fail("c1"), good)) == ()
    (waste,) = look([make_facts()], pods=(fail("c1", days=2), good, fail("c2", days=0)))
    assert (waste.name, waste.count) == ("cron", 1)


@pytest.mark.parametrize("state", InstanceState)
@pytest.mark.parametrize("program", ["cron", "backup", "restore"])
def test_a_run_that_failed_is_found_where_it_can_be_asked_for_again(state: InstanceState, program: str) -> None:
    found = look([make_facts(state=state.value)], pods=(fail("r1", program=program),))
    answers = [one.answer for one in found if one.finding is Finding.FAILED_RUNS]
    assert all(answer is not None and get_kind(answer).may_be_asked_in(state) for answer in answers)
    wanted = {InstanceState.ACTIVE, InstanceState.FAILED}
    assert bool(answers) == (state in wanted or (program == "backup" and state is InstanceState.SUSPENDED))


def test_old_backups_cost_what_they_store() -> None:
    (waste,) = look([make_facts(old_backups=3, old_backup_bytes=7)])
    assert (waste.finding, waste.count, waste.backup_bytes) == (Finding.OLD_BACKUPS, 3, 7)


def test_an_engine_that_did_not_answer_tells_nothing() -> None:
    assert find_waste([make_facts()], {}, now=NOW, limits=Limits()) == ()


def _make_seen(identifier: str) -> ObservedInstance:
    return ObservedInstance(identifier=identifier, exists=True)
