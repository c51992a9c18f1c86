"""Usage comes from the metrics API where there is one, in the plan's own names."""

import pytest

from domain.errors import ClusterUnreachable
from domain.specs import CONTAINERS
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.usage import list_plan_containers, make_samples, observe_usage
from manifests.workloads import find_pod_template, list_containers
from tests.builders import MEBIBYTE
from tests.engine.kubernetes.fake_api import FakeApi, status
from tests.manifests.cases import DEFAULT, make_case_objects, make_job_objects

POD = {
    "metadata": {"name": "paroisse-set-httpd-0", "namespace": "saint-paul", "labels": {}},
    "timestamp": "2026-11-25T22:00:00Z",
    "window": "15s",
    "containers": [
        {"name": "https", "usage": {"cpu": "1500000n", "memory": "102400Ki"}},
        {"name": "dbrouter", "usage": {"cpu": "0", "memory": "31Mi"}},
    ],
}


def test_without_the_api_there_are_no_samples(client: ClusterClient) -> None:
    assert observe_usage(client) == ()


def test_every_container_is_a_sample_in_the_plan_s_words(api: FakeApi, client: ClusterClient) -> None:
    api.metrics = [POD]
    page, router = observe_usage(client)
    assert (page.instance, page.container, page.cpu_millicores, page.memory_bytes) == (
        "saint-paul",
        "httpd",
        2,
        100 * MEBIBYTE,
    )
    assert (router.container, router.memory_bytes) == ("db_router", 31 * MEBIBYTE)
    assert make_samples({**POD, "containers": []}) == []
    assert "labelSelector" in api.calls[-1][1]


def test_an_api_that_is_down_is_not_absent(api: FakeApi, client: ClusterClient) -> None:
    api.fault = lambda _method, _path: status(503, "ServiceUnavailable")
    with pytest.raises(ClusterUnreachable):
        observe_usage(client)


def test_every_container_of_the_blueprint_has_its_name_in_the_plan() -> None:
    templates = filter(None, map(find_pod_template, [*make_case_objects(DEFAULT), *make_job_objects()]))
    names = {container["name"] for template in templates for container in list_containers(template["spec"])}
    known = list_plan_containers()
    assert {name: known[name] for name in names if known[name] not in CONTAINERS} == {}
