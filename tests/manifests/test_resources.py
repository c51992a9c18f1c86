"""What an instance holds and what its namespace may hold, in the figures of the chart's plan."""

from typing import Any

import pytest

from domain.quantities import parse_bytes, parse_millicores
from domain.reservations import Reservation, add_reservations, compute_pod_limit, compute_pod_request
from domain.specs import JobProgram
from manifests.blueprints import load_blueprint
from manifests.labels import PROGRAM_LABEL
from manifests.resources import compute_peak, compute_volume_sizes, make_resources
from manifests.workloads import find_pod_template
from tests.builders import GIBIBYTE, MEBIBYTE, make_plan
from tests.manifests.cases import DEFAULT, make_case_objects, make_cases, make_job_objects, select_object

BLUEPRINT = "civiparoisse-1"


def _hold(object_: dict[str, Any]) -> Reservation:
    template = find_pod_template(object_)
    assert template is not None
    return compute_pod_request(template["spec"])


def _show(*objects: dict[str, Any]) -> str:
    return str(add_reservations(map(_hold, objects)))


def test_the_default_instance_holds_what_its_containers_need_and_no_more() -> None:
    """At rest 1508Mi 1350m; with its cron 1864Mi 1700m, the sum of the chart's containers (docs/domain.md#sizes). The
    chart's own layout would hold 1892Mi 2100m at rest and 2248Mi 2450m with the cron, for its init containers."""
    objects = make_case_objects(DEFAULT)
    db, httpd = (select_object(objects, "StatefulSet", f"paroisse-set-{name}") for name in ("db", "httpd"))
    cron, backup = (select_object(objects, "CronJob", name) for name in ("civicron", "civibackup"))
    assert _show(db) == "384Mi 250m"
    assert _show(httpd) == "1124Mi 1100m"
    assert _show(cron) == "356Mi 350m"
    assert _show(backup) == "356Mi 1100m"
    assert _show(db, httpd) == "1508Mi 1350m"
    assert _show(db, httpd, cron) == "1864Mi 1700m"
    assert _show(db, httpd, backup) == "1864Mi 2450m"
    assert _show(db, httpd, cron, backup) == "2220Mi 2800m"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (JobProgram.INIT, "768Mi 1000m"),
        (JobProgram.UPDATE, "768Mi 1000m"),
        (JobProgram.CRON, "356Mi 350m"),
        (JobProgram.BACKUP, "356Mi 1100m"),
        (JobProgram.VERIFY, "256Mi 1000m"),
        (JobProgram.RESTORE, "356Mi 1100m"),
        (JobProgram.DISCARD, "256Mi 1000m"),
    ],
)
def test_a_job_holds_its_own_while_it_runs(program: JobProgram, expected: str) -> None:
    (job,) = (one for one in make_job_objects() if one["metadata"]["labels"][PROGRAM_LABEL] == program)
    assert _show(job) == expected


@pytest.mark.parametrize("name", sorted(make_cases()))
def test_the_quota_allows_everything_at_once_and_any_one_job_beside(name: str) -> None:
    objects = make_case_objects(name)
    running = [one for one in objects if find_pod_template(one)]
    hard = select_object(objects, "ResourceQuota", "instance")["spec"]["hard"]
    for job in make_job_objects():
        for kind, compute in (("requests", compute_pod_request), ("limits", compute_pod_limit)):
            held = add_reservations(compute((find_pod_template(one) or {})["spec"]) for one in (*running, job))
            assert parse_millicores(hard[f"{kind}.cpu"]) >= held.cpu_millicores
            assert parse_bytes(hard[f"{kind}.memory"]) >= held.memory_bytes
    assert int(hard["pods"]) >= len(running) + 1
    claims = [one for one in objects if one["kind"] == "PersistentVolumeClaim"]
    assert int(hard["persistentvolumeclaims"]) == len(claims)
    asked = sum(parse_bytes(one["spec"]["resources"]["requests"]["storage"]) for one in claims)
    assert parse_bytes(hard["requests.storage"]) == asked == 5 * GIBIBYTE


def test_no_container_is_larger_than_the_limit_range_allows() -> None:
    objects = make_case_objects(DEFAULT)
    (limit,) = select_object(objects, "LimitRange", "instance")["spec"]["limits"]
    assert limit["max"] == {"cpu": "1", "memory": "1Gi"}


def test_the_peak_counts_the_largest_job_once() -> None:
    def workload(kind: str, memory: str) -> dict[str, Any]:
        pod = {"spec": {"containers": [{"resources": {"limits": {"memory": memory, "cpu": "1"}}}]}}
        inner = {"template": pod}
        return {"kind": kind, "spec": {"jobTemplate": {"spec": inner}} if kind == "CronJob" else inner}

    found = [workload(*one) for one in (("StatefulSet", "1Mi"), ("CronJob", "2Mi"), ("Job", "4Mi"), ("Job", "8Mi"))]
    assert compute_peak([*found, {"kind": "Service"}]) == Reservation(3000, 11 * MEBIBYTE)


def test_sizes_and_resources_are_the_plan_s() -> None:
    plan = make_plan(files_volume_bytes=20 * GIBIBYTE)
    sizes = compute_volume_sizes(plan, load_blueprint(BLUEPRINT))
    assert sizes == {"db": GIBIBYTE, "files": 20 * GIBIBYTE, "private": GIBIBYTE, "backups": 2 * GIBIBYTE}
    amounts = {"cpu": "250m", "memory": "384Mi"}
    assert make_resources(plan.containers["db"]) == {"requests": amounts, "limits": amounts}
