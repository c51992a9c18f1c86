"""Settings of clusters hide the registry's account, and certificates hide their keys."""

from domain.cluster import INTERNAL_NETWORKS, ClusterSettings, IngressKind, TlsBundle


def test_no_secret_shows_in_a_representation() -> None:
    cluster = ClusterSettings(image_pull_config="hidden")
    names = "ca_certificate ca_key db_certificate db_key httpd_certificate httpd_key".split()
    bundle = TlsBundle(**dict.fromkeys(names, "hidden"))
    assert "hidden" not in repr(cluster) + str(cluster) + repr(bundle) + str(bundle)


def test_the_defaults_are_the_chart_s_and_close_what_can_be_closed() -> None:
    cluster = ClusterSettings()
    assert cluster.ingress_kind is IngressKind.TRAEFIK
    assert cluster.traefik_api_group == "traefik.io/v1alpha1"
    assert cluster.internal_cidrs == INTERNAL_NETWORKS and "169.254.0.0/16" in INTERNAL_NETWORKS
