"""What the check refuses before anything is sent."""

import copy
from typing import Any

import pytest

from manifests.check import check_object
from tests.manifests.cases import DEFAULT, make_case_objects, select_object


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    return make_case_objects(DEFAULT)


def _change(object_: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(object_)
    *parents, last = path.split("/")
    place: Any = changed
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place[part]
    place[int(last) if isinstance(place, list) else last] = value
    return changed


POD = "spec/template/spec"


@pytest.mark.parametrize(
    ("kind", "name", "path", "value", "fault"),
    [
        ("ConfigMap", "config-init", "kind", "Config", "the kind 'Config' is not known"),
        ("ConfigMap", "config-init", "spec", {}, "unknown fields: ['spec']"),
        ("ConfigMap", "config-init", "data/IMAP_PORT", 993, "data.IMAP_PORT: not a text"),
        ("ConfigMap", "config-init", "data/IMAP_IS_SSL", True, "data.IMAP_IS_SSL: not a text"),
        ("ConfigMap", "config-init", "metadata/name", "Config", "metadata.name"),
        ("ConfigMap", "config-init", "metadata/name", "a" * 254, "metadata.name"),
        ("ConfigMap", "config-init", "metadata/namespace", "a" * 64, "metadata.namespace"),
        ("ConfigMap", "config-init", "metadata/namespace", "", "metadata.namespace"),
        ("ConfigMap", "config-init", "metadata/labels/x", "a" * 64, "metadata.labels.x"),
        ("ConfigMap", "config-init", "metadata/labels/x", "a b", "metadata.labels.x"),
        ("ConfigMap", "config-init", "metadata/labels/x", True, "metadata.labels.x"),
        ("ConfigMap", "config-init", "metadata/labels/x y", "a", "is not a label"),
        ("ConfigMap", "config-init", "metadata/annotations", {"x": 1}, "metadata.annotations.x: not a text"),
        ("Namespace", "saint-paul", "metadata/name", "a" * 64, "metadata.name"),
        ("Namespace", "saint-paul", "metadata/name", "a.b", "metadata.name"),
        ("Namespace", "saint-paul", "metadata/namespace", "x", "metadata.namespace"),
        ("CronJob", "civicron", "metadata/name", "a" * 53, "at most 52"),
        ("Service", "civicrmdb", "metadata/name", "a" * 64, "at most 63"),
        ("ResourceQuota", "instance", "spec/hard/requests.cpu", "1 core", "spec.hard.requests.cpu"),
        ("LimitRange", "instance", "spec/limits/0/max/cpu", "1,5", "spec.limits.max.cpu"),
        ("PersistentVolumeClaim", "dbvolclaim", "spec/resources/requests/storage", "1GB", "spec.resources.requests"),
        ("StatefulSet", "paroisse-set-db", f"{POD}/containers/0/image", "", "db.image: missing"),
        ("StatefulSet", "paroisse-set-db", f"{POD}/containers/0/resources/limits/cpu", "-1", "db.resources.cpu"),
        ("StatefulSet", "paroisse-set-db", f"{POD}/containers/0/env", [{"name": "X", "value": 1}], "db.env.X"),
        ("StatefulSet", "paroisse-set-db", f"{POD}/volumes/0/name", "other", "no such volumes: ['dbvol']"),
        ("StatefulSet", "paroisse-set-db", f"{POD}/volumes/0/name", "dbcnf", "volumes: a name comes twice"),
        ("StatefulSet", "paroisse-set-httpd", f"{POD}/containers/0/name", "wait-db", "containers: a name comes twice"),
        ("StatefulSet", "paroisse-set-db", "spec/template", {}, "a part is missing"),
        ("StatefulSet", "paroisse-set-db", "spec/template/metadata/labels/x", "-", "metadata.labels.x"),
        ("StatefulSet", "paroisse-set-db", "spec", [], "a part is missing"),
    ],
)
def test_what_is_wrong_is_named(
    objects: list[dict[str, Any]], kind: str, name: str, path: str, value: Any, fault: str
) -> None:
    object_ = select_object(objects, kind, name)
    object_ = {key: value for key, value in object_.items()}
    assert check_object(object_) == ""
    assert fault in check_object(_change(object_, path, value))


def test_a_missing_part_is_named(objects: list[dict[str, Any]]) -> None:
    object_ = dict(select_object(objects, "Service", "civicrmdb"))
    del object_["spec"]
    assert "missing fields: ['spec']" in check_object(object_)


def test_a_secret_s_value_is_never_repeated() -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "secret", "namespace": "saint-paul"},
        "stringData": {"password": 123456},
    }
    assert check_object(secret) == "stringData.password: not a text; put it between quotes"
