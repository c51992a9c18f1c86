"""An instance's objects are sent once each, pruned by what is remembered, and nobody else's are touched."""

import dataclasses
import json
from datetime import timedelta

import pytest

from domain.cluster import ClusterSettings, IngressKind
from domain.errors import CiviparoisseError
from engine.kubernetes.apply import apply_instance, compute_digest, ensure_tls, prune, read_present
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.paths import Reference
from engine.kubernetes.records import INITIALISED, OBJECTS, read_namespace, update_namespace
from manifests.instance import make_instance_objects
from manifests.tls import list_expiries, make_tls_bundle
from tests.builders import GIBIBYTE, make_plan, make_spec
from tests.engine.kubernetes.fake_api import FakeApi, status
from tests.engine.kubernetes.objects import NAMESPACE, NOW

SPEC = make_spec(NAMESPACE)
TRAEFIK = ClusterSettings()


def list_versions(api: FakeApi) -> dict[tuple[str, str, str], str]:
    return {key: one["metadata"]["resourceVersion"] for key, one in api.objects.items()}


def test_a_new_instance_costs_little_more_than_a_request_per_object(
    api: FakeApi, client: ClusterClient, settings: ClusterSettings
) -> None:
    applied = apply_instance(client, SPEC, settings, now=NOW)
    tls = make_tls_bundle(NAMESPACE, SPEC.host, now=NOW)
    rendered = make_instance_objects(dataclasses.replace(SPEC, components=frozenset()), settings, tls=tls)
    assert len(applied.objects) == len(rendered)
    assert len(api.objects) == len(rendered)
    assert client.requests <= 1.1 * len(rendered)


def test_twice_is_no_change_and_what_was_just_applied_is_not_sent(
    api: FakeApi, client: ClusterClient, settings: ClusterSettings
) -> None:
    first = apply_instance(client, SPEC, settings, now=NOW)
    before = list_versions(api)
    second = apply_instance(client, SPEC, settings, now=NOW)
    assert list_versions(api) == before and second.digest == first.digest and second.objects
    sent = api.count("PATCH")
    assert apply_instance(client, SPEC, settings, now=NOW, known=first.digest).objects == ()
    assert api.count("PATCH") == sent


def test_servers_wait_for_the_proof(api: FakeApi, client: ClusterClient, settings: ClusterSettings) -> None:
    apply_instance(client, SPEC, settings, now=NOW)
    assert api.get("StatefulSet", "paroisse-set-db", NAMESPACE)["spec"]["replicas"] == 0
    apply_instance(client, SPEC, settings, now=NOW, unproven=True)
    assert api.get("StatefulSet", "paroisse-set-db", NAMESPACE)["spec"]["replicas"] == 1


def test_what_is_rendered_no_longer_is_pruned_and_data_is_not(api: FakeApi, client: ClusterClient) -> None:
    apply_instance(client, SPEC, TRAEFIK, now=NOW)
    assert ("IngressRoute", NAMESPACE, "ingressproxy") in api.objects
    other = dataclasses.replace(TRAEFIK, ingress_kind=IngressKind.INGRESS)
    apply_instance(client, SPEC, other, now=NOW)
    assert ("IngressRoute", NAMESPACE, "ingressproxy") not in api.objects
    assert ("Ingress", NAMESPACE, "ingressproxy") in api.objects
    record = read_namespace(client, NAMESPACE)
    assert record is not None and not [one for one in record.objects if one.kind == "IngressRoute"]
    for kind, api_version, name in (("PersistentVolumeClaim", "v1", "dbvolclaim"), ("Secret", "v1", "secret")):
        assert not prune(client, NAMESPACE, Reference(api_version, kind, NAMESPACE, name))
    assert not prune(client, NAMESPACE, Reference("v1", "ConfigMap", NAMESPACE, "never-there"))
    api.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs", "namespace": NAMESPACE}})
    assert not prune(client, NAMESPACE, Reference("v1", "ConfigMap", NAMESPACE, "theirs"))


def test_killed_half_way_the_namespace_knows_what_may_be_there(api: FakeApi, client: ClusterClient) -> None:
    """And does not claim to be complete: the next apply sends all of it, and prunes what the killed one left."""
    api.fault = lambda method, path: status(500, "x") if method == "PATCH" and "ingressroutes" in path else None
    with pytest.raises(CiviparoisseError):
        apply_instance(client, SPEC, TRAEFIK, now=NOW)
    record = read_namespace(client, NAMESPACE)
    assert record is not None and record.applied == "under way"
    assert "ServersTransport" in {one.kind for one in record.objects}
    api.fault = lambda _method, _path: None
    apply_instance(client, SPEC, dataclasses.replace(TRAEFIK, ingress_kind=IngressKind.NONE), now=NOW)
    assert not [key for key in api.objects if key[0] in ("IngressRoute", "ServersTransport")]


def test_a_namespace_without_our_label_is_never_touched(
    api: FakeApi, client: ClusterClient, settings: ClusterSettings
) -> None:
    api.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    with pytest.raises(CiviparoisseError) as raised:
        apply_instance(client, SPEC, settings, now=NOW)
    assert raised.value.code == "namespace_foreign"
    assert {method for method, _path in api.calls} == {"GET"}


def test_a_smaller_volume_is_refused_before_anything_is_sent(
    api: FakeApi, client: ClusterClient, settings: ClusterSettings
) -> None:
    large = dataclasses.replace(SPEC, plan=make_plan(db_volume_bytes=50 * GIBIBYTE))
    apply_instance(client, large, settings, now=NOW)
    sent = api.count("PATCH")
    with pytest.raises(CiviparoisseError) as raised:
        apply_instance(client, SPEC, settings, now=NOW)
    assert raised.value.code == "volume_shrinks" and api.count("PATCH") == sent
    apply_instance(client, dataclasses.replace(SPEC, plan=make_plan(db_volume_bytes=60 * GIBIBYTE)), settings, now=NOW)
    claim = api.get("PersistentVolumeClaim", "dbvolclaim", NAMESPACE)
    assert claim["spec"]["resources"]["requests"]["storage"] == "60Gi"


def test_certificates_are_kept_and_renewed_when_due(
    api: FakeApi, client: ClusterClient, settings: ClusterSettings
) -> None:
    apply_instance(client, SPEC, settings, now=NOW)
    first = ensure_tls(client, SPEC, now=NOW)
    assert ensure_tls(client, SPEC, now=NOW + timedelta(days=300)) == first
    later = NOW + timedelta(days=340)
    renewed = ensure_tls(client, SPEC, now=later)
    assert renewed.db_certificate != first.db_certificate and renewed.ca_certificate == first.ca_certificate
    template = api.get("StatefulSet", "paroisse-set-db", NAMESPACE)["spec"]["template"]["metadata"]["annotations"]
    checksum = dict(template)
    apply_instance(client, SPEC, settings, now=later)
    record = read_namespace(client, NAMESPACE)
    assert record is not None and record.expiries["db"] > later + timedelta(days=300)
    assert set(record.expiries) == set(list_expiries(first))
    found = api.get("StatefulSet", "paroisse-set-db", NAMESPACE)["spec"]["template"]["metadata"]["annotations"]
    assert found != checksum


def test_a_kind_that_the_cluster_lacks_is_named(api: FakeApi, client: ClusterClient) -> None:
    api.fault = lambda method, path: status(404, "NotFound") if method == "PATCH" and "traefik" in path else None
    with pytest.raises(CiviparoisseError) as raised:
        apply_instance(client, SPEC, TRAEFIK, now=NOW)
    assert (raised.value.code, raised.value.params["kind"]) == ("cluster_api_missing", "ServersTransport")


def test_the_namespace_shows_no_secret(api: FakeApi, client: ClusterClient, settings: ClusterSettings) -> None:
    apply_instance(client, SPEC, settings, now=NOW)
    shown = json.dumps(api.get("Namespace", NAMESPACE))
    assert OBJECTS in shown
    assert SPEC.secrets.site_key not in shown and "PRIVATE" not in shown
    assert compute_digest([{"a": 1}]) != compute_digest([{"a": 2}])
    assert len(read_present(client, NAMESPACE)) == 6


def test_what_the_data_of_an_instance_lay_on_is_never_made_again(
    api: FakeApi, client: ClusterClient, settings: ClusterSettings
) -> None:
    made = dataclasses.replace(SPEC, is_made=True)
    with pytest.raises(CiviparoisseError) as raised:
        apply_instance(client, made, settings, now=NOW)
    assert raised.value.code == "instance_lost" and api.objects == {}
    apply_instance(client, SPEC, settings, now=NOW)
    with pytest.raises(CiviparoisseError) as raised:
        apply_instance(client, made, settings, now=NOW)
    assert raised.value.params["missing"] == "its initial data", "somebody made the namespace again"
    update_namespace(client, NAMESPACE, lambda _record: {INITIALISED: NOW.isoformat()})
    assert apply_instance(client, made, settings, now=NOW).objects
    del api.objects["PersistentVolumeClaim", NAMESPACE, "dbvolclaim"]
    sent = api.count("PATCH")
    with pytest.raises(CiviparoisseError) as raised:
        apply_instance(client, made, settings, now=NOW)
    assert raised.value.params["missing"] == "claim dbvolclaim" and api.count("PATCH") == sent
    apply_instance(client, SPEC, settings, now=NOW)
    record = read_namespace(client, NAMESPACE)
    assert record is not None and not record.initialised, "a provisioning begins anew"
