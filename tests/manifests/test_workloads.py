"""Pods are found wherever a kind keeps them."""

from manifests.workloads import find_pod_template, list_containers
from tests.manifests.cases import DEFAULT, make_case_objects, make_job_objects


def test_every_kind_that_makes_pods_shows_them() -> None:
    objects = [*make_case_objects(DEFAULT), *make_job_objects()]
    with_pods = {one["kind"] for one in objects if find_pod_template(one)}
    assert with_pods == {"StatefulSet", "CronJob", "Job"}


def test_containers_come_in_the_order_of_their_start() -> None:
    (httpd,) = (one for one in make_case_objects(DEFAULT) if one["metadata"]["name"] == "paroisse-set-httpd")
    assert [one["name"] for one in list_containers(httpd["spec"]["template"]["spec"])] == [
        "wait-db",
        "dbrouter",
        "https",
    ]
