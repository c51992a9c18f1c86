"""What leads to the pages is looked for by its kind, its certificates too; each miss is told with what to do."""

from typing import Any

import pytest

from domain.cluster import ClusterSettings, IngressKind
from domain.findings import Level
from tests.clusters.api_server import make_answers, name_object
from tests.engine.kubernetes.test_check import look

ISSUER = "/apis/cert-manager.io/v1/clusterissuers/letsencrypt"
GATEWAY = "/apis/gateway.networking.k8s.io/v1/namespaces/gateway/gateways/civiparoisse"


def test_each_way_in_is_looked_for() -> None:
    answers = make_answers()
    gateway = look(answers, settings=ClusterSettings(ingress_kind=IngressKind.GATEWAY))
    assert gateway["gateway_found"].level is Level.OK
    other = look(answers, settings=ClusterSettings(ingress_kind=IngressKind.GATEWAY, gateway_name="other"))
    assert other["gateway_missing"].level is Level.CRITICAL
    named = ClusterSettings(ingress_kind=IngressKind.INGRESS, ingress_class="nginx")
    assert look(answers, settings=named)["ingress_class_found"].level is Level.OK
    unnamed = look(answers, settings=ClusterSettings(ingress_kind=IngressKind.INGRESS))
    assert unnamed["ingress_default_missing"].params == {"others": "nginx"}
    wrong = ClusterSettings(ingress_kind=IngressKind.INGRESS, ingress_class="haproxy")
    assert look(answers, settings=wrong)["ingress_class_missing"].level is Level.CRITICAL
    assert "ingress_none" in look({**answers}, settings=ClusterSettings(ingress_kind=IngressKind.NONE))


def test_a_controller_on_its_host_s_network_has_no_pod_to_look_for() -> None:
    found = look(make_answers(), settings=ClusterSettings(ingress_cidrs=("10.0.0.0/24",)))
    assert not {"controller_found", "controller_missing"} & set(found)


@pytest.mark.parametrize("kind", [kind for kind in IngressKind if kind is not IngressKind.NONE])
def test_a_ready_issuer_is_in_order_by_every_way_in(kind: IngressKind) -> None:
    found = look(make_answers(), settings=ClusterSettings(ingress_kind=kind, tls_issuer="letsencrypt"))
    assert found["issuer_ready"].level is Level.OK


def test_no_issuer_is_looked_for_where_nothing_leads_inside_or_none_is_named() -> None:
    nothing = ClusterSettings(ingress_kind=IngressKind.NONE, tls_issuer="letsencrypt")
    for settings in (nothing, ClusterSettings()):
        assert not [code for code in look(make_answers(), settings=settings) if code.startswith("issuer")]


@pytest.mark.parametrize(
    ("path", "answer", "code", "level"),
    [
        ("/apis/cert-manager.io/v1", 404, "issuer_not_served", Level.CRITICAL),
        (ISSUER, 404, "issuer_missing", Level.CRITICAL),
        (ISSUER, name_object("letsencrypt"), "issuer_not_ready", Level.WARNING),
        (ISSUER, 403, "look_refused", Level.WARNING),
    ],
)
def test_what_certificates_wait_for_is_told(path: str, answer: Any, code: str, level: Level) -> None:
    found = look({**make_answers(), path: answer}, settings=ClusterSettings(tls_issuer="letsencrypt"))
    assert found[code].level is level and "issuer_ready" not in found


@pytest.mark.parametrize("allowed", [None, {}, {"namespaces": {"from": "None"}}, {"namespaces": {"from": "Same"}}])
def test_a_gateway_that_takes_no_listeners_of_others_is_told(allowed: Any) -> None:
    answers = {**make_answers(), GATEWAY: name_object("civiparoisse", spec={"allowedListeners": allowed})}
    own = ClusterSettings(ingress_kind=IngressKind.GATEWAY, tls_issuer="letsencrypt")
    assert look(answers, settings=own)["gateway_closed"].level is Level.CRITICAL
    # Without certificates of their own, instances add no listener.
    assert "gateway_found" in look(answers, settings=ClusterSettings(ingress_kind=IngressKind.GATEWAY))


def test_listeners_must_be_served_where_hosts_have_their_own() -> None:
    served = {"resources": [{"name": "httproutes"}, {"name": "backendtlspolicies"}]}
    answers = {**make_answers(), "/apis/gateway.networking.k8s.io/v1": served}
    own = ClusterSettings(ingress_kind=IngressKind.GATEWAY, ingress_tls_secret="wildcard")
    assert look(answers, settings=own)["ingress_not_served"].params["missing"] == "listenersets"
    assert "ingress_served" in look(answers, settings=ClusterSettings(ingress_kind=IngressKind.GATEWAY))
