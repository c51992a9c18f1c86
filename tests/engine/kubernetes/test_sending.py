"""Objects that nothing waits for go at the same time; somebody else's field stops nothing but itself."""

import dataclasses

import pytest

from domain.cluster import ClusterSettings
from domain.errors import CiviparoisseError, ClusterConflict
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.paths import make_reference
from engine.kubernetes.records import read_namespace
from engine.kubernetes.sending import apply_one, make_waves, send_objects
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import Answer, FakeApi, status
from tests.engine.kubernetes.objects import NAMESPACE, make_namespace, provision
from tests.manifests.cases import DEFAULT, make_case_objects

CAUSE = {"reason": "FieldManagerConflict", "message": 'conflict with "kubectl-patch"', "field": ".spec.schedule"}
CONFLICT: Answer = (409, {"kind": "Status", "reason": "Conflict", "details": {"causes": [CAUSE]}}, {})


def test_what_refuses_comes_first_and_what_makes_pods_last() -> None:
    objects = make_case_objects(DEFAULT)[1:]
    first, middle, last = make_waves(objects)
    assert {one["kind"] for one in first} == {"ResourceQuota", "LimitRange"}
    assert {one["kind"] for one in last} == {"StatefulSet", "CronJob"}
    assert {"Secret", "NetworkPolicy", "PersistentVolumeClaim"} <= {one["kind"] for one in middle}
    assert len(first) + len(middle) + len(last) == len(objects)
    at_once, last_too = make_waves(objects, is_new=True)
    assert (len(at_once), last_too) == (len(first) + len(middle), last), "no quota of before refuses anything"


def test_answers_come_in_the_order_of_the_objects(api: FakeApi, client: ClusterClient) -> None:
    api.put(make_namespace())
    objects = [one for one in make_case_objects(DEFAULT)[1:] if one["metadata"]["namespace"] == NAMESPACE]
    sent, conflict = send_objects(client, NAMESPACE, objects)
    assert [one["metadata"]["name"] for one in sent] == [one["metadata"]["name"] for one in objects]
    assert conflict is None and len(objects) > 30


def test_a_conflict_stops_nothing_else_and_is_told(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    for kind, name in (("CronJob", "civibackup"), ("Service", "civicrmhttpd")):
        del api.objects[kind, NAMESPACE, name]
    api.fault = lambda method, path: CONFLICT if method == "PATCH" and "/cronjobs/civicron" in path else None
    with pytest.raises(ClusterConflict) as raised:
        engine.apply(dataclasses.replace(make_spec(NAMESPACE), backups_held=True))
    assert raised.value.params["manager"] == "kubectl-patch"
    assert api.get("CronJob", "civibackup", NAMESPACE) and api.get("Service", "civicrmhttpd", NAMESPACE)
    record = read_namespace(engine.client, NAMESPACE)
    assert record is not None and record.applied == "under way", "that it is complete is not said"


def test_another_error_is_raised_once_its_wave_is_over(
    api: FakeApi, client: ClusterClient, settings: ClusterSettings
) -> None:
    del settings
    api.put(make_namespace())
    api.fault = lambda method, path: (
        status(422, "Invalid") if "/secrets/selfcert" in path and method == "PATCH" else None
    )
    objects = make_case_objects(DEFAULT)[1:]
    with pytest.raises(CiviparoisseError) as raised:
        send_objects(client, NAMESPACE, objects)
    assert raised.value.code == "cluster_invalid" and not [key for key in api.objects if key[0] == "StatefulSet"]
    api.fault = lambda method, _path: status(404, "NotFound") if method == "PATCH" else None
    with pytest.raises(CiviparoisseError) as raised:
        apply_one(client, NAMESPACE, objects[0], make_reference(objects[0]))
    assert raised.value.code == "cluster_api_missing"
