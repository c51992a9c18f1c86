"""A volume that was left is given back to its cluster; one that is held, or never was ours, is not."""

import pytest

from domain.errors import CiviparoisseError
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.left_volumes import TRIES, remove_volume
from tests.engine.kubernetes.fake_api import Answer, FakeApi, status
from tests.engine.kubernetes.objects import NAMESPACE, make_volume


def remove(client: ClusterClient) -> None:
    remove_volume(client, "pv-1", engine="alsace")


def read_policy(api: FakeApi) -> str:
    return str(api.get("PersistentVolume", "pv-1")["spec"]["persistentVolumeReclaimPolicy"])


@pytest.mark.parametrize("phase", ["Released", "Failed"])
def test_its_policy_is_changed_once_and_the_cluster_does_the_rest(
    api: FakeApi, client: ClusterClient, phase: str
) -> None:
    remove(client)
    api.put(make_volume("pv-1", NAMESPACE, phase=phase, policy="Retain"))
    remove(client)
    remove(client)
    assert read_policy(api) == "Delete" and api.count("PATCH") == 1 and api.count("DELETE") == 0


@pytest.mark.parametrize(
    ("phase", "claim", "code"),
    [
        ("Bound", "dbvolclaim", "volume_held"),
        ("Available", "dbvolclaim", "volume_held"),
        ("Released", "theirs", "volume_foreign"),
    ],
)
def test_what_is_held_or_was_never_an_instance_s_stays(
    api: FakeApi, client: ClusterClient, phase: str, claim: str, code: str
) -> None:
    api.put(make_volume("pv-1", NAMESPACE, phase=phase, policy="Retain", claim=claim))
    with pytest.raises(CiviparoisseError) as refused:
        remove(client)
    assert refused.value.code == code and read_policy(api) == "Retain"


def test_one_that_a_claim_takes_meanwhile_stays(api: FakeApi, client: ClusterClient) -> None:
    api.put(make_volume("pv-1", NAMESPACE, phase="Released", policy="Retain"))

    def take(method: str, _path: str) -> Answer | None:
        if method == "PATCH":
            api.put(make_volume("pv-1", NAMESPACE, phase="Bound", policy="Retain"))
        return None

    api.fault = take
    with pytest.raises(CiviparoisseError) as refused:
        remove(client)
    assert refused.value.code == "volume_held" and read_policy(api) == "Retain"


def test_a_volume_that_never_stands_still_is_said(api: FakeApi, client: ClusterClient) -> None:
    api.put(make_volume("pv-1", NAMESPACE, phase="Released", policy="Retain"))
    api.fault = lambda method, _path: status(409, "Conflict") if method == "PATCH" else None
    with pytest.raises(CiviparoisseError) as refused:
        remove(client)
    assert refused.value.code == "cluster_conflict" and api.count("PATCH") == TRIES
