"""What cannot change is said in a sentence before anything is sent; what may, passes."""

import copy
from typing import Any

import pytest

from domain.errors import CiviparoisseError
from engine.kubernetes.immutable import adopt_storage_class, check_immutable
from engine.kubernetes.paths import Reference, make_reference
from tests.manifests.cases import DEFAULT, make_case_objects, select_object


def find(kind: str, name: str, case: str = DEFAULT) -> dict[str, Any]:
    return copy.deepcopy(select_object(make_case_objects(case), kind, name))


def check(wanted: dict[str, Any], found: dict[str, Any]) -> None:
    check_immutable("saint-paul", [wanted], {make_reference(found): found})


def test_a_smaller_volume_is_refused_and_a_larger_one_is_not() -> None:
    wanted, found = find("PersistentVolumeClaim", "dbvolclaim"), find("PersistentVolumeClaim", "dbvolclaim")
    found["spec"]["resources"]["requests"]["storage"] = "50Gi"
    with pytest.raises(CiviparoisseError) as raised:
        check(wanted, found)
    assert raised.value.code == "volume_shrinks"
    assert raised.value.params == {
        "instance": "saint-paul",
        "claim": "dbvolclaim",
        "wanted": "1Gi",
        "found": "50Gi",
    }
    found["spec"]["resources"]["requests"]["storage"] = "512Mi"
    check(wanted, found)


def test_a_server_s_selector_cannot_change() -> None:
    wanted, found = find("StatefulSet", "paroisse-set-db"), find("StatefulSet", "paroisse-set-db")
    found["spec"]["selector"] = {"matchLabels": {"app": "other"}}
    with pytest.raises(CiviparoisseError) as raised:
        check(wanted, found)
    assert (raised.value.code, raised.value.params["field"]) == ("field_immutable", "spec.selector")


def test_what_the_server_adds_and_what_is_new_is_no_change() -> None:
    wanted, found = find("StatefulSet", "paroisse-set-db"), find("StatefulSet", "paroisse-set-db")
    found["spec"] |= {"podManagementPolicy": "OrderedReady", "replicas": 0}
    check(wanted, found)
    check_immutable("saint-paul", [wanted], {})


def test_a_claim_keeps_the_class_that_it_has() -> None:
    wanted = find("PersistentVolumeClaim", "dbvolclaim", "storage-class")
    found = find("PersistentVolumeClaim", "dbvolclaim")
    found["spec"]["storageClassName"] = "slow"
    present = {make_reference(found): found}
    assert adopt_storage_class(wanted, present)["spec"]["storageClassName"] == "slow"
    assert wanted["spec"]["storageClassName"] == "csi-cinder-high-speed"
    assert adopt_storage_class(wanted, {}) == wanted
    other = {Reference("v1", "PersistentVolumeClaim", "saint-paul", "other"): found}
    assert adopt_storage_class(wanted, other) == wanted
