"""What a pod holds: the scheduler's rule, case by case (FINOPS A1)."""

from typing import Any

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


def test_overhead_comes_last_and_only_onto_limits_that_exist() -> None:
    overhead = {"cpu": "10m", "memory": "5Mi"}
    assert compute_pod_request({"containers": [_container("10Mi", "10m")], "overhead": overhead}) == _reserve(15, 20)
    assert compute_pod_limit({"containers": [{}], "overhead": overhead}) == _reserve(0, 0)


def test_sums_and_peaks() -> None:
    assert add_reservations([_reserve(1, 2), _reserve(3, 4)]) == _reserve(4, 6)
    assert find_peak([_reserve(1, 4), _reserve(3, 2)]) == _reserve(3, 4)
    assert find_peak([]) == _reserve(0, 0)
    assert str(_reserve(1480, 1350)) == "1480Mi 1350m"
