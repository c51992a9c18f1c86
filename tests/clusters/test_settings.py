"""Rows become the frozen values that engines and manifests take."""

import pytest
from django.conf import settings

from clusters.models import Cluster
from clusters.settings import make_cluster_settings, select_place
from domain.cluster import ClusterSettings, IngressKind
from domain.errors import NotFound
from tests.clusters.samples import make_cluster_row


def test_a_bare_cluster_has_the_charts_defaults() -> None:
    cluster = Cluster(name="strasbourg")
    assert make_cluster_settings(cluster) == ClusterSettings(manager=str(cluster.manager))
    assert cluster.manager != Cluster(name="metz").manager


@pytest.mark.django_db
def test_every_column_arrives() -> None:
    rare: dict[str, object] = {
        "ingress_cidrs": ["10.1.0.0/16"],
        "dns_pod_labels": {"app": "dns"},
        "traefik_entry_points": ["other"],
    }
    rare |= {"ingress_address": "127.0.0.1:8443"}
    row = make_cluster_row(
        storage_class="fast",
        ingress_kind="gateway",
        gateway_section="https",
        image_pull_config='{"auths": {"registry": {}}}',
        spread_instances=False,
        deletion_grace_hours=2,
        settings=rare,
    )
    made = make_cluster_settings(Cluster.objects.get(pk=row.pk))
    assert (made.storage_class, made.ingress_kind, made.gateway_section) == ("fast", IngressKind.GATEWAY, "https")
    assert made.ingress_cidrs == ("10.1.0.0/16",) and made.dns_pod_labels == {"app": "dns"}
    assert (made.ingress_address, made.deletion_grace_seconds) == ("127.0.0.1:8443", 7200)
    assert made.traefik_entry_points == ("other",) and not made.spread_instances
    assert made.image_pull_config == '{"auths": {"registry": {}}}' and "registry" not in repr(made)


@pytest.mark.django_db
def test_an_instance_on_a_cluster_takes_its_domain() -> None:
    make_cluster_row("strasbourg", domain="paroisses.example.org")
    make_cluster_row("metz", host_template="{slug}.paroisses.example")
    ours = {"domain": settings.PARISH_DOMAIN, "host_template": settings.HOST_TEMPLATE}
    assert select_place("strasbourg") == {**ours, "engine": "strasbourg", "domain": "paroisses.example.org"}
    assert select_place("metz") == {**ours, "engine": "metz", "host_template": "{slug}.paroisses.example"}
    assert select_place(None) == {**ours, "engine": settings.DEFAULT_ENGINE}
    with pytest.raises(NotFound) as refused:
        select_place("nowhere")
    assert refused.value.params == {"what": "engine", "name": "nowhere"}
