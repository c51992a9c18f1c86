"""Every object that manifests/ makes, of every case that has a golden file, is accepted by the real API server with
strict field validation, a second apply changes nothing, and what is read back shows no drift."""

import json

import pytest
import yaml

from manifests.drift import list_differences
from tests.cluster.control import Cluster, Object
from tests.manifests.cases import DEFAULT, make_case_objects, make_cases, make_job_objects

pytestmark = pytest.mark.cluster


def move(objects: list[Object], namespace: str) -> list[Object]:
    """Return the objects in a namespace of the test's own; every case of the golden files is of one parish."""
    for one in objects:
        one["metadata"]["name" if one["kind"] == "Namespace" else "namespace"] = namespace
    return objects


def read_back(cluster: Cluster, objects: list[Object]) -> list[Object]:
    """Return the objects as the cluster has them, in the same order."""
    asked = yaml.safe_dump_all([{key: one[key] for key in ("apiVersion", "kind", "metadata")} for one in objects])
    found: list[Object] = json.loads(cluster.kubectl("get", "-f", "-", "-o", "json", stdin=asked))["items"]
    return found


def get_version(object_: Object) -> int:
    """Return what changes when somebody changes what is wanted: controllers write into the status all the time."""
    metadata = object_["metadata"]
    return int(metadata.get("generation", metadata["resourceVersion"]))


def assert_accepted(cluster: Cluster, objects: list[Object]) -> None:
    """Apply twice; the second time changes nothing, and nothing differs."""
    cluster.apply(objects)
    first = read_back(cluster, objects)
    assert [list_differences(wanted, found) for wanted, found in zip(objects, first, strict=True)] == [[]] * len(first)
    cluster.apply(objects)
    second = read_back(cluster, objects)
    volatile = ("ResourceQuota", "PersistentVolumeClaim")
    for before, after in zip(first, second, strict=True):
        if before["kind"] not in volatile:
            assert get_version(before) == get_version(after), before["metadata"]["name"]


@pytest.mark.parametrize("name", sorted(make_cases()))
def test_the_objects_of_every_golden_file_are_accepted_strictly(definitions: Cluster, name: str) -> None:
    objects = move(make_case_objects(name), f"case-{name}")
    if name == DEFAULT:
        objects += move(make_job_objects(), f"case-{name}")
    try:
        assert_accepted(definitions, objects)
    finally:
        definitions.kubectl("delete", "namespace", f"case-{name}", "--wait=false")


def test_a_field_that_does_not_exist_is_refused(definitions: Cluster) -> None:
    """The check itself: the server does look."""
    objects = move(make_case_objects(DEFAULT), "case-wrong")
    workload = next(one for one in objects if one["kind"] == "StatefulSet")
    workload["spec"]["template"]["spec"]["containers"][0]["imagePullPolcy"] = "Never"
    with pytest.raises(AssertionError, match="imagePullPolcy"):
        definitions.apply([workload])
