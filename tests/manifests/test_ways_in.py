"""What leads to a page, and which certificate is shown there, by every kind of way in."""

import dataclasses
from typing import Any

import pytest

from domain.cluster import ClusterSettings, IngressKind
from domain.quantities import parse_bytes, parse_millicores
from domain.specs import InstanceKind
from manifests.instance import make_instance_objects
from manifests.ways_in import find_tls_secret, has_listener_set, make_way_in, makes_certificates
from tests.manifests.cases import EXTERNAL_DNS, TLS, make_case_spec, select_object

WAYS = [kind for kind in IngressKind if kind is not IngressKind.NONE]
LEADS = {IngressKind.TRAEFIK: "IngressRoute", IngressKind.INGRESS: "Ingress", IngressKind.GATEWAY: "HTTPRoute"}
HOST = make_case_spec().host


def make_objects(kind: IngressKind, **changes: Any) -> list[dict[str, Any]]:
    return make_instance_objects(make_case_spec(), ClusterSettings(ingress_kind=kind, **changes), tls=TLS)


def read_shown_secret(objects: list[dict[str, Any]], kind: IngressKind) -> str | None:
    """Return the Secret whose certificate visitors are shown for the host, None for the controller's own."""
    if kind is IngressKind.TRAEFIK:
        return select_object(objects, "IngressRoute", "ingressproxy")["spec"]["tls"].get("secretName")
    if kind is IngressKind.INGRESS:
        (entry,) = select_object(objects, "Ingress", "ingressproxy")["spec"]["tls"]
        assert entry["hosts"] == [HOST]
        return entry.get("secretName")
    (parent,) = select_object(objects, "HTTPRoute", "ingressproxy")["spec"]["parentRefs"]
    if parent.get("kind") != "ListenerSet":
        return None
    spec = select_object(objects, "ListenerSet", parent["name"])["spec"]
    assert (spec["parentRef"]["kind"], spec["parentRef"]["name"]) == ("Gateway", "civiparoisse")
    (listener,) = spec["listeners"]
    assert (listener["hostname"], listener["protocol"], listener["port"]) == (HOST, "HTTPS", 443)
    (reference,) = listener["tls"]["certificateRefs"]
    return str(reference["name"])


@pytest.mark.parametrize("kind", WAYS)
def test_the_secret_that_is_given_is_shown_by_every_way_in(kind: IngressKind) -> None:
    assert read_shown_secret(make_objects(kind), kind) is None
    objects = make_objects(kind, ingress_tls_secret="wildcard")
    assert read_shown_secret(objects, kind) == "wildcard"
    assert not [one for one in objects if one["kind"] == "Certificate"]


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize(("given", "shown"), [(None, "page-tls"), ("mine", "mine")])
def test_the_certificate_that_is_made_is_the_one_that_is_shown(
    kind: IngressKind, given: str | None, shown: str
) -> None:
    objects = make_objects(kind, tls_issuer="letsencrypt", ingress_tls_secret=given)
    certificate = select_object(objects, "Certificate", "page")["spec"]
    assert certificate["dnsNames"] == [HOST]
    assert (certificate["issuerRef"]["kind"], certificate["issuerRef"]["name"]) == ("ClusterIssuer", "letsencrypt")
    assert certificate["secretName"] == read_shown_secret(objects, kind) == shown


@pytest.mark.parametrize("kind", WAYS)
def test_a_challenge_has_a_way_in_and_room(kind: IngressKind) -> None:
    """cert-manager's pod: its labels, port and sizes are those of its controller's defaults; its Service is a NodePort
    unless the issuer says other."""
    with_issuer, without = make_objects(kind, tls_issuer="letsencrypt"), make_objects(kind)
    policy = select_object(with_issuer, "NetworkPolicy", "acme-solver")["spec"]
    page = select_object(with_issuer, "NetworkPolicy", "httpd")["spec"]
    assert policy["podSelector"]["matchLabels"] == {"acme.cert-manager.io/http01-solver": "true"}
    assert policy["ingress"][0]["from"] == page["ingress"][0]["from"]
    assert policy["ingress"][0]["ports"] == [{"protocol": "TCP", "port": 8089}]
    more, less = (select_object(one, "ResourceQuota", "instance")["spec"]["hard"] for one in (with_issuer, without))
    assert int(more["pods"]) == int(less["pods"]) + 1 and int(more["services.nodeports"]) == 1
    for part, millicores in (("requests", 10), ("limits", 100)):
        assert parse_millicores(more[f"{part}.cpu"]) == parse_millicores(less[f"{part}.cpu"]) + millicores
        assert parse_bytes(more[f"{part}.memory"]) == parse_bytes(less[f"{part}.memory"]) + 64 * 1024**2
    assert less["services.nodeports"] == "0"
    assert not [one for one in without if one["metadata"]["name"] == "acme-solver"]


@pytest.mark.parametrize("kind", WAYS)
def test_annotations_are_on_what_leads_to_the_page_whatever_its_kind(kind: IngressKind) -> None:
    objects = make_objects(kind, ingress_annotations={**EXTERNAL_DNS, "example.org/of": "{namespace}/{host}"})
    annotations = select_object(objects, LEADS[kind], "ingressproxy")["metadata"]["annotations"]
    assert annotations == {**EXTERNAL_DNS, "example.org/of": f"saint-paul/{HOST}"}
    assert "annotations" not in select_object(make_objects(kind), LEADS[kind], "ingressproxy")["metadata"]


def test_a_listener_has_the_annotations_too() -> None:
    objects = make_objects(IngressKind.GATEWAY, ingress_annotations=EXTERNAL_DNS, tls_issuer="letsencrypt")
    assert select_object(objects, "ListenerSet", "ingressproxy")["metadata"]["annotations"] == EXTERNAL_DNS


def test_where_nobody_comes_no_certificate_is_made() -> None:
    cluster = ClusterSettings(tls_issuer="letsencrypt")
    verification = make_case_spec(kind=InstanceKind.VERIFICATION)
    closed = dataclasses.replace(cluster, ingress_kind=IngressKind.NONE)
    for objects in (
        make_instance_objects(verification, cluster, tls=TLS),
        make_instance_objects(make_case_spec(), closed, tls=TLS),
    ):
        assert not [one for one in objects if one["kind"] == "Certificate" or one["metadata"]["name"] == "acme-solver"]
        assert select_object(objects, "ResourceQuota", "instance")["spec"]["hard"]["services.nodeports"] == "0"
    assert not makes_certificates(closed) and makes_certificates(cluster)


def test_a_route_hangs_on_the_gateway_s_section_where_it_is_named() -> None:
    cluster = ClusterSettings(ingress_kind=IngressKind.GATEWAY, gateway_section="https")
    assert make_way_in(make_case_spec(), cluster)["route_parent"]["sectionName"] == "https"
    assert find_tls_secret(cluster) is None and not has_listener_set(cluster)
