"""Drift is what somebody changed of ours; never what the server fills in."""

import copy
from typing import Any

import pytest

from manifests.drift import Difference, list_differences
from tests.manifests.cases import DEFAULT, make_case_objects, make_job_objects, select_object

POD = "spec.template.spec"


def _serve(value: Any) -> Any:
    """Return an object as a server gives it back: with defaults, status, other quantities, without empty fields."""
    if isinstance(value, dict):
        served = {key: _serve(content) for key, content in value.items() if content not in ([], "", False)}
        return {**served, "serverDefault": "filled in"}
    if isinstance(value, list):
        return [_serve(content) for content in value]
    return {"384Mi": "393216Ki", "1Gi": "1024Mi", "250m": "0.25"}.get(value, value)


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    return [*make_case_objects(DEFAULT), *make_job_objects()]


def test_an_object_is_not_different_from_itself_as_the_server_gives_it_back(objects: list[dict[str, Any]]) -> None:
    for object_ in objects:
        assert list_differences(object_, object_) == []
        if object_["kind"] in {"StatefulSet", "CronJob", "Job", "ResourceQuota", "PersistentVolumeClaim", "Service"}:
            assert list_differences(object_, _serve(object_)) == []


def test_a_missing_object_is_one_difference(objects: list[dict[str, Any]]) -> None:
    (difference,) = list_differences(select_object(objects, "Service", "civicrmdb"), None)
    assert difference == Difference("Service/civicrmdb", wanted="present")


def _change_database(objects: list[dict[str, Any]], change: str) -> list[Difference]:
    wanted = select_object(objects, "StatefulSet", "paroisse-set-db")
    found = copy.deepcopy(wanted)
    pod = found["spec"]["template"]["spec"]
    container = pod["containers"][0]
    actions: dict[str, Any] = {
        "replicas": lambda: found["spec"].update(replicas=0),
        "image": lambda: container.update(image="other:1"),
        "memory": lambda: container["resources"]["limits"].update(memory="512Mi"),
        "sidecar": lambda: pod["containers"].append({"name": "mesh"}),
        "order": lambda: pod["volumes"].reverse(),
        "container": lambda: container.update(name="mysql"),
        "mount": lambda: container["volumeMounts"].pop(0),
        "label": lambda: found["metadata"]["labels"].pop("app.kubernetes.io/part-of"),
        "token": lambda: pod.update(automountServiceAccountToken=True),
        "command": lambda: container["livenessProbe"]["exec"]["command"].append("-v"),
    }
    actions[change]()
    return list_differences(wanted, found)


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ("replicas", ["spec.replicas"]),
        ("image", [f"{POD}.containers[db].image"]),
        ("memory", [f"{POD}.containers[db].resources.limits.memory"]),
        ("sidecar", []),
        ("order", []),
        ("container", [f"{POD}.containers[db]"]),
        ("mount", [f"{POD}.containers[db].volumeMounts[/var/lib/mysql]"]),
        ("label", ["metadata.labels.app.kubernetes.io/part-of"]),
        ("token", [f"{POD}.automountServiceAccountToken"]),
        ("command", [f"{POD}.containers[db].livenessProbe.exec.command"]),
    ],
)
def test_what_somebody_changed_of_ours_is_named(objects: list[dict[str, Any]], change: str, paths: list[str]) -> None:
    assert [one.path for one in _change_database(objects, change)] == paths


def test_an_opened_policy_is_a_difference(objects: list[dict[str, Any]]) -> None:
    wanted = select_object(objects, "NetworkPolicy", "db")
    found = copy.deepcopy(wanted)
    found["spec"]["ingress"].append({})
    assert [one.path for one in list_differences(wanted, found)] == ["spec.ingress"]


def test_a_secret_s_values_are_never_shown(objects: list[dict[str, Any]]) -> None:
    wanted = select_object(objects, "Secret", "secret")
    found = copy.deepcopy(wanted)
    found["data"]["dbsecret"] = "b3RoZXI="
    del found["data"]["dbrootsecret"]
    assert set(list_differences(wanted, found)) == {
        Difference("data.dbsecret", "***", "***"),
        Difference("data.dbrootsecret", "***", None),
    }


def test_nothing_and_no_field_are_the_same_but_a_number_of_ours_is_not() -> None:
    def policy(**spec: Any) -> dict[str, Any]:
        return {"kind": "NetworkPolicy", "metadata": {"name": "x"}, "spec": spec}

    assert list_differences(policy(a={}, b=[], c="", d=False, e=0), policy()) == []
    assert [one.path for one in list_differences(policy(a=1, b=[1], c="x", d=True), policy())] == [
        "spec.a",
        "spec.b",
        "spec.c",
        "spec.d",
    ]
