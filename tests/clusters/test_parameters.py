"""All parameters of a cluster are judged at once; rare settings are a closed list."""

from dataclasses import fields

import pytest

from clusters.models import Cluster
from clusters.parameters import PARAMETERS, RARE_SETTINGS, SECRET_FIELDS, parse_rare_settings, validate_cluster
from domain.cluster import ClusterSettings
from domain.errors import CiviparoisseError, InvalidValue
from tests.clusters.samples import SECRET, make_kubeconfig


def test_a_name_is_enough_and_the_rest_has_defaults() -> None:
    recorded = validate_cluster({"name": "strasbourg"})
    assert set(recorded) == set(PARAMETERS)
    assert (recorded["ingress_kind"], recorded["settings"], recorded["kubeconfig"]) == ("traefik", {}, "")
    assert validate_cluster(recorded) == recorded


def test_the_defaults_are_the_columns_own() -> None:
    recorded, row = validate_cluster({"name": "strasbourg"}), Cluster(name="strasbourg")
    assert recorded == row.read_parameters()


def test_every_setting_of_a_cluster_can_be_given() -> None:
    named = {field.name for field in fields(ClusterSettings)}
    # Hours for people, seconds for engines; the manager's mark is nobody's choice.
    assert named - {"deletion_grace_seconds", "manager"} == (set(PARAMETERS) | set(RARE_SETTINGS)) & named


def test_secrets_are_the_encrypted_columns() -> None:
    assert frozenset({"kubeconfig", "image_pull_config"}) == SECRET_FIELDS


def test_all_faults_are_named_at_once_without_a_secret() -> None:
    data = {"name": "local", "storage_class": "a/b", "kubeconfig": f"token: [{SECRET}", "colour": "blue"}
    with pytest.raises(CiviparoisseError) as refused:
        validate_cluster({**data, "repair_at_most": 0}, taken=("local",))
    error = refused.value
    assert error.code == "invalid_cluster" and error.params["cluster"] == "?"
    found = {fault["field"] for fault in error.params["fields"]}
    assert found == {"name", "storage_class", "kubeconfig", "'colour'", "repair_at_most"}
    assert SECRET not in str(error) + str(error.params)


def test_rare_settings_keep_what_differs_from_the_defaults() -> None:
    given = {"dns_namespace": "kube-system", "ingress_cidrs": ["10.1.0.0/16"], "image_pull_policy": "Always"}
    assert parse_rare_settings("settings", given) == {
        "ingress_cidrs": ["10.1.0.0/16"],
        "image_pull_policy": "Always",
    }


@pytest.mark.parametrize(
    "given",
    [
        [],
        "text",
        {"colour": "blue"},
        {"kubeconfig": make_kubeconfig()},
        {"dns_namespace": ""},
        {"ingress_pod_labels": {}},
        {"internal_cidrs": "10.0.0.0/8"},
        {"image_pull_policy": "Sometimes"},
        {"traefik_entry_points": None},
    ],
)
def test_anything_else_is_refused(given: object) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_rare_settings("settings", given)
    assert refused.value.params["field"] == "settings"
