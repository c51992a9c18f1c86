"""Clusters in the administration: secrets go in only, looks are asked and shown, deletion says what is in the way."""

from typing import Any

import pytest
from django.test import Client

from clusters.models import Cluster, ClusterReport
from domain.findings import Drift
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState
from operations.models import Operation
from tests.clusters.api_server import ApiServer
from tests.clusters.samples import SECRET, make_cluster_row, make_kubeconfig
from tests.engines import FakeEngine
from tests.people import count_queries, make_client, read_page
from tests.rows import make_instance_row

pytestmark = pytest.mark.django_db
LIST = "/admin/clusters/cluster/"
VIEW, CHANGE = "clusters.view_cluster", "clusters.change_cluster"


def _fill(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"name": "strasbourg", "kubeconfig": make_kubeconfig(), "ingress_kind": "traefik"}
    values |= {"ingress_namespace": "traefik", "gateway_name": "civiparoisse", "gateway_namespace": "gateway"}
    values |= {"deletion_grace_hours": 72, "repair_policy": "report", "repair_at_most": 3, "spread_instances": "on"}
    return {**values, "settings": '{"ingress_cidrs": ["10.1.0.0/16"]}', **changes}


def _page(cluster: Cluster, name: str = "page") -> str:
    return f"{LIST}{cluster.pk}/{name}/"


def test_a_cluster_is_recorded_and_its_page_comes_next(admin_client: Client) -> None:
    answer = admin_client.post(f"{LIST}add/", _fill())
    cluster = Cluster.objects.get(name="strasbourg")
    assert answer.status_code == 302 and answer.headers["Location"] == _page(cluster)
    assert cluster.kubeconfig == make_kubeconfig() and cluster.settings == {"ingress_cidrs": ["10.1.0.0/16"]}
    page = read_page(admin_client, _page(cluster))
    assert "https://cluster.example.org:6443" in page and SECRET not in page


def test_a_secret_is_never_sent_back(admin_client: Client) -> None:
    cluster = make_cluster_row(image_pull_config='{"auths": {"registry": {"auth": "hunter2"}}}')
    form = read_page(admin_client, f"{LIST}{cluster.pk}/change/")
    refused = admin_client.post(f"{LIST}{cluster.pk}/change/", _fill(storage_class="a/b")).content.decode()
    for page in (form, refused, read_page(admin_client, LIST)):
        assert SECRET not in page and "hunter2" not in page and "apiVersion" not in page


def test_those_who_only_look_see_no_secret() -> None:
    cluster = make_cluster_row()
    client = make_client(VIEW)
    form = read_page(client, f"{LIST}{cluster.pk}/change/")
    assert "strasbourg" in form and SECRET not in form and "kubeconfig" not in form.lower()
    page = read_page(client, _page(cluster))
    assert "<form" not in page.partition("cp-page")[2]
    for name in ("check", "drift", "repair"):
        assert client.post(_page(cluster, name)).status_code == 403
    assert make_client(name="paul").get(_page(cluster)).status_code == 403


def test_a_check_is_asked_and_shown(admin_client: Client, cluster_api: ApiServer) -> None:
    cluster = make_cluster_row(kubeconfig=cluster_api.make_kubeconfig())
    assert admin_client.get(_page(cluster, "check")).status_code == 404, "only POST asks"
    cluster_api.denied = {("patch", "secrets")}
    assert admin_client.post(_page(cluster, "check")).headers["Location"] == _page(cluster)
    page = read_page(admin_client, _page(cluster))
    assert "patch secrets" in page and "kubectl apply -f deploy/rbac.yaml" in page
    cluster_api.denied = set()
    admin_client.post(LIST, {"action": "check_chosen", "_selected_action": [cluster.pk]})
    assert ClusterReport.objects.get(kind="check").level == "ok"


def test_drift_is_looked_for_shown_and_repaired(admin_client: Client, fake: FakeEngine) -> None:
    cluster = make_cluster_row()
    make_instance_row(state=InstanceState.ACTIVE, engine="strasbourg")
    fake.set_up("saint-paul", running=ALL_COMPONENTS)
    fake.set_up("stranger", manager="them")
    fake.drift = {"saint-paul": (Drift(object="Service/civicrmdb", path="spec.<b>", wanted='"present"'),)}
    admin_client.post(_page(cluster, "drift"))
    page = read_page(admin_client, _page(cluster))
    assert "Service/civicrmdb" in page and "kubectl delete namespace stranger" in page
    raw = admin_client.get(_page(cluster)).content.decode()
    assert "spec.<b>" not in raw and not Operation.objects.exists()
    looker = make_client(VIEW, CHANGE)
    assert looker.post(_page(cluster, "repair")).status_code == 403
    admin_client.post(_page(cluster, "repair"))
    assert Operation.objects.get().subject == "saint-paul"


def test_what_is_in_the_way_of_a_deletion_is_said(admin_client: Client) -> None:
    cluster = make_cluster_row()
    row = make_instance_row(engine="strasbourg")
    for ask in (admin_client.get, admin_client.post):
        answer = ask(f"{LIST}{cluster.pk}/delete/", {"post": "yes"}, follow=True)
        assert "instance_delete saint-paul" in answer.content.decode()
    assert Cluster.objects.exists()
    row.engine = "local"
    row.save()
    admin_client.post(f"{LIST}{cluster.pk}/delete/", {"post": "yes"})
    assert not Cluster.objects.exists()


def test_the_menu_leads_here(admin_client: Client) -> None:
    assert LIST in read_page(admin_client, "/admin/")


def test_an_unknown_cluster_is_not_found(admin_client: Client) -> None:
    assert admin_client.get(f"{LIST}999/page/").status_code == 404


def test_the_number_of_queries_does_not_grow(admin_client: Client) -> None:
    counts = []
    for number in range(2):
        for serial in range(3):
            make_cluster_row(f"cluster-{number}-{serial}")
        counts.append(count_queries(admin_client, LIST))
    assert counts[0] == counts[1]
