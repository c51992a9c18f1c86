"""Clusters are recorded, changed and forgotten through one door."""

import pytest
from django.db import connection

from clusters.models import Cluster
from clusters.registry import create_cluster, delete_cluster, get_cluster, update_cluster
from domain.errors import CiviparoisseError, NotFound
from engine.registry import list_engines
from tenants.rotation import list_secret_columns
from tests.clusters.samples import SECRET, make_cluster_row, make_kubeconfig
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db


def test_a_cluster_is_recorded_and_its_secrets_are_encrypted() -> None:
    row = make_cluster_row()
    assert get_cluster("strasbourg").kubeconfig == make_kubeconfig()
    with connection.cursor() as cursor:
        cursor.execute("SELECT kubeconfig FROM clusters_cluster WHERE id = %s", [row.pk])
        stored = cursor.fetchone()[0]
    assert stored.startswith("k1:gAAAAA") and SECRET not in stored
    columns = {(column.model, column.name) for column in list_secret_columns()}
    assert {(Cluster, "kubeconfig"), (Cluster, "image_pull_config")} <= columns


def test_a_cluster_is_an_engine_and_no_engine_s_name_is_a_cluster() -> None:
    make_cluster_row()
    assert "strasbourg" in list_engines()
    with pytest.raises(CiviparoisseError) as refused:
        make_cluster_row("local")
    assert refused.value.code == "invalid_cluster"


def test_a_name_is_taken_once() -> None:
    make_cluster_row()
    with pytest.raises(CiviparoisseError) as refused:
        make_cluster_row()
    assert refused.value.code == "cluster_exists"


def test_what_is_absent_stays_as_it_was() -> None:
    row = make_cluster_row(storage_class="fast", settings={"dns_namespace": "dns"})
    changed = update_cluster(row, {"ingress_kind": "none", "storage_class": ""}, requested_by="tests")
    assert (changed.ingress_kind, changed.storage_class, changed.settings) == ("none", "", {"dns_namespace": "dns"})
    assert changed.kubeconfig == make_kubeconfig()


def test_the_name_stays() -> None:
    with pytest.raises(CiviparoisseError) as refused:
        update_cluster(make_cluster_row(), {"name": "metz"}, requested_by="tests")
    assert refused.value.params["field"] == "name"


def test_a_cluster_with_instances_stays_and_the_way_out_is_said() -> None:
    row = make_cluster_row()
    make_instance_row("saint-paul", engine="strasbourg")
    for delete in (lambda: delete_cluster(row, requested_by="tests"), Cluster.objects.all().delete):
        with pytest.raises(CiviparoisseError) as refused:
            delete()
        assert refused.value.code == "cluster_in_use"
        assert "instance_delete saint-paul --purge-backups --confirm saint-paul" in refused.value.hint
    assert Cluster.objects.filter(name="strasbourg").exists()


def test_an_empty_cluster_goes() -> None:
    make_instance_row("saint-paul", engine="local")
    delete_cluster(make_cluster_row(), requested_by="tests")
    with pytest.raises(NotFound):
        get_cluster("strasbourg")


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(CiviparoisseError) as refused:
        create_cluster({"name": "metz", "kubeconf": "x"}, requested_by="tests")
    assert [fault["field"] for fault in refused.value.params["fields"]] == ["'kubeconf'"]
