"""One engine per cluster and process, made again when its row has changed; its secrets never show."""

import pytest

from clusters.engines import compute_fingerprint, list_cluster_names, resolve_engine
from clusters.models import Cluster
from clusters.registry import update_cluster
from domain.cluster import IngressKind
from engine.kubernetes.engine import KubernetesEngine
from engine.registry import get_engine, list_engines
from tests.clusters.samples import SECRET, make_cluster_row, make_kubeconfig

pytestmark = pytest.mark.django_db


def test_a_cluster_s_name_stands_for_its_engine() -> None:
    make_cluster_row(ingress_kind="gateway", deletion_grace_hours=2)
    engine = get_engine("strasbourg")
    assert isinstance(engine, KubernetesEngine) and engine.name == "strasbourg"
    assert engine.settings.ingress_kind is IngressKind.GATEWAY and engine.deletion_grace_seconds == 7200
    assert engine.connection.kubeconfig == make_kubeconfig() and SECRET not in repr(engine.connection)
    assert list_engines().count("strasbourg") == 1 and list_cluster_names() == ("strasbourg",)


def test_the_same_row_gives_the_same_engine_and_an_edited_one_a_new_one() -> None:
    row = make_cluster_row()
    first = resolve_engine("strasbourg")
    assert resolve_engine("strasbourg") is first
    update_cluster(row, {"storage_class": "fast"}, requested_by="tests")
    second = resolve_engine("strasbourg")
    assert second is not first and resolve_engine("strasbourg") is second
    assert isinstance(second, KubernetesEngine) and second.settings.storage_class == "fast"
    update_cluster(row, {"kubeconfig": make_kubeconfig(user={"token": "another"})}, requested_by="tests")
    assert resolve_engine("strasbourg") is not second


def test_a_cluster_that_is_gone_is_no_engine() -> None:
    make_cluster_row()
    assert resolve_engine("strasbourg") is not None
    Cluster.objects.all().delete()
    assert resolve_engine("strasbourg") is None


def test_a_fingerprint_tells_nothing_and_changes_with_everything() -> None:
    row = make_cluster_row()
    before = compute_fingerprint(row)
    assert SECRET not in before and compute_fingerprint(Cluster.objects.get()) == before
    row.settings = {"dns_namespace": "dns"}
    assert compute_fingerprint(row) != before
