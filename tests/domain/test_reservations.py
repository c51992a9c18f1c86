"""What a pod holds: the scheduler's rule, case by case (docs/finops.md#reservation)."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reservations import (
    Reservation,
    add_reservations,
    compute_pod_limit,
    compute_pod_request,
    find_peak,
)

MEBIBYTE = 2**20


def _container(memory: str, cpu: str, **fields: Any) -> dict[str, Any]:
    amounts = {"cpu": cpu, "memory": memory}
    return {"resources": {"requests": amounts, "limits": amounts}, **fields}


def _reserve(mebibytes: int, millicores: int) -> Reservation:
    return Reservation(millicores, mebibytes * MEBIBYTE)


SIDECAR = {"restartPolicy": "Always"}


def test_the_chart_s_database_pod_holds_its_init_containers_for_life() -> None:
    pod = {
        "initContainers": [_container("1Gi", "1"), _container("1Gi", "1")],
        "containers": [_container("384Mi", "250m")],
    }
    assert compute_pod_request(pod) == _reserve(1024, 1000)


def test_a_sidecar_adds_to_the_containers() -> None:
    pod = {"initContainers": [_container("100Mi", "100m", **SIDECAR)], "containers": [_container("256Mi", "250m")]}
    assert compute_pod_request(pod) == _reserve(356, 350)


def test_an_init_container_meets_only_the_sidecars_before_it() -> None:
    init, sidecar, main = _container("500Mi", "1"), _container("100Mi", "100m", **SIDECAR), _container("10Mi", "10m")
    assert compute_pod_request({"initContainers": [init, sidecar], "containers": [main]}) == _reserve(500, 1000)
    assert compute_pod_request({"initContainers": [sidecar, init], "containers": [main]}) == _reserve(600, 1100)


def test_each_resource_has_its_own_peak() -> None:
    pod = {"initContainers": [_container("10Mi", "2")], "containers": [_container("500Mi", "100m")]}
    assert compute_pod_request(pod) == _reserve(500, 2000)


def test_a_missing_request_is_the_limit_and_an_explicit_zero_is_zero() -> None:
    limits = {"cpu": "1", "memory": "64Mi"}
    assert compute_pod_request({"containers": [{"resources": {"limits": limits}}]}) == _reserve(64, 1000)
    pod = {"containers": [{"resources": {"limits": limits, "requests": {"cpu": "0"}}}]}
    assert compute_pod_request(pod) == _reserve(64, 0)
    assert compute_pod_request({"containers": [{}]}) == _reserve(0, 0)


def test_requests_of_the_pod_replace_those_of_its_containers() -> None:
    pod = {"containers": [_container("100Mi", "1")], "resources": {"requests": {"memory": "50Mi"}}}
    assert compute_pod_request(pod) == _reserve(50, 1000)


def test_a_limit_of_the_pod_is_its_request_only_when_no_container_has_one() -> None:
    limit = {"resources": {"limits": {"cpu": "2", "memory": "50Mi"}}}
    assert compute_pod_request({"containers": [{}], **limit}) == _reserve(50, 2000)
    assert compute_pod_request({"containers": [_container("10Mi", "10m"), {}], **limit}) == _reserve(10, 10)
    assert compute_pod_limit({"containers": [_container("10Mi", "10m")], **limit}) == _reserve(50, 2000)


def test_overhead_comes_last_and_only_onto_limits_that_exist() -> None:
    overhead = {"cpu": "10m", "memory": "5Mi"}
    assert compute_pod_request({"containers": [_container("10Mi", "10m")], "overhead": overhead}) == _reserve(15, 20)
    assert compute_pod_limit({"containers": [{}], "overhead": overhead}) == _reserve(0, 0)


def test_sums_and_peaks() -> None:
    assert add_reservations([_reserve(1, 2), _reserve(3, 4)]) == _reserve(4, 6)
    assert find_peak([_reserve(1, 4), _reserve(3, 2)]) == _reserve(3, 4)
    assert find_peak([]) == _reserve(0, 0)
    assert str(_reserve(1480, 1350)) == "1480Mi 1350m"


# --- Against another way of saying it ----------------------------------------------------------------------------

AMOUNTS = st.integers(min_value=0, max_value=5000)
CONTAINERS = st.lists(st.tuples(AMOUNTS, AMOUNTS, st.booleans()), max_size=6)


def _make(name: str, cpu: int, memory: int, *, sidecar: bool = False) -> dict[str, Any]:
    amounts = {"cpu": f"{cpu}m", "memory": str(memory)}
    always = SIDECAR if sidecar else {}
    return {"name": name, "resources": {"requests": amounts, "limits": amounts}, **always}


@settings(max_examples=100, deadline=None)
@given(CONTAINERS, CONTAINERS, st.tuples(AMOUNTS, AMOUNTS), st.one_of(st.none(), AMOUNTS))
def test_a_pod_holds_the_most_that_runs_at_any_moment_of_its_life(
    first: list[tuple[int, int, bool]],
    then: list[tuple[int, int, bool]],
    overhead: tuple[int, int],
    of_the_pod: int | None,
) -> None:
    """Play the pod's life: its init containers one after the other, sidecars staying; then everything at once."""
    moments, staying = [[0, 0]], [0, 0]
    for cpu, memory, sidecar in first:
        moments.append([staying[0] + cpu, staying[1] + memory])
        if sidecar:
            staying = moments[-1]
    moments.append([staying[0] + sum(one[0] for one in then), staying[1] + sum(one[1] for one in then)])
    expected = [max(moment[kind] for moment in moments) for kind in (0, 1)]
    pod: dict[str, Any] = {
        "initContainers": [_make(f"i{n}", cpu, memory, sidecar=side) for n, (cpu, memory, side) in enumerate(first)],
        "containers": [_make(f"c{n}", cpu, memory) for n, (cpu, memory, _side) in enumerate(then)],
        "overhead": {"cpu": f"{overhead[0]}m", "memory": str(overhead[1])},
    }
    if of_the_pod is not None:
        pod["resources"] = {"requests": {"cpu": f"{of_the_pod}m"}}
        expected[0] = of_the_pod
    whole = Reservation(expected[0] + overhead[0], expected[1] + overhead[1])
    assert compute_pod_request(pod) == whole
