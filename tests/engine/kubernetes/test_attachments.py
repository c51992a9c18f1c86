"""How many volumes a node may hold, from what storage drivers say."""

import pytest

from engine.kubernetes.attachments import count_foreign, find_limit, list_own_drivers, parse_limits


def test_a_driver_that_states_no_limit_has_none() -> None:
    drivers = [{"name": "ebs", "allocatable": {"count": 25}}, {"name": "nfs", "allocatable": None}, {"name": "smb"}]
    assert parse_limits({"spec": {"drivers": drivers}}) == {"ebs": 25}
    assert parse_limits({"spec": {"drivers": None}}) == parse_limits({}) == {}


def test_only_volumes_of_a_driver_name_it() -> None:
    volumes = [{"spec": {"csi": {"driver": "ebs"}}}, {"spec": {"hostPath": {}}}, {"spec": {"csi": {"driver": "ebs"}}}]
    assert list_own_drivers(volumes) == {"ebs"}


@pytest.mark.parametrize(
    ("allocatable", "limits", "used", "taken", "found"),
    [
        ({}, {"ebs": 25, "smb": 3}, {"ebs"}, {}, 25),
        ({}, {"ebs": 25, "smb": 3}, set(), {}, 3),
        ({}, {"ebs": 25}, {"ebs"}, {"ebs": 4}, 21),
        ({}, {"ebs": 2}, {"ebs"}, {"ebs": 4}, 0),
        ({"attachable-volumes-aws-ebs": "39"}, {}, set(), {}, 39),
        ({"attachable-volumes-aws-ebs": "39"}, {"ebs": 25}, {"ebs"}, {}, 25),
        ({"cpu": "4"}, {}, {"ebs"}, {}, None),
    ],
)
def test_the_tightest_of_what_is_said_counts(
    allocatable: dict[str, str], limits: dict[str, int], used: set[str], taken: dict[str, int], found: int | None
) -> None:
    assert find_limit(allocatable, limits, used=used, taken=taken) == found


def test_a_claim_that_two_pods_of_others_hold_counts_once_and_ours_never() -> None:
    def make(namespace: str, claim: str, node: str | None = "node1") -> dict[str, object]:
        volumes = [{"persistentVolumeClaim": {"claimName": claim}}, {"emptyDir": {}}]
        return {"metadata": {"namespace": namespace}, "spec": {"nodeName": node, "volumes": volumes}}

    pods = [make("theirs", "a"), make("theirs", "a"), make("theirs", "b", None), make("saint-paul", "db")]
    drivers = {("theirs", "a"): "ebs", ("theirs", "b"): "ebs", ("saint-paul", "db"): "ebs"}
    assert count_foreign(pods, drivers, is_ours={"saint-paul": True}) == {"node1": {"ebs": 1}}
