"""A namespace is taken by one manager; a field of somebody else's stops nothing else of it."""

import pytest

from domain.cluster import ClusterSettings
from domain.errors import CiviparoisseError, ClusterConflict
from engine.kubernetes.apply import apply_instance, apply_schedules
from engine.kubernetes.client import ClusterClient
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.namespaces import apply_namespace, check_namespace, take_name
from engine.kubernetes.records import read_namespace
from manifests.labels import POD_SECURITY_LABEL
from tests.builders import make_spec
from tests.engine.kubernetes.fake_api import Answer, FakeApi
from tests.engine.kubernetes.objects import NAMESPACE, NOW, make_namespace, provision
from tests.engine.kubernetes.test_sending import CONFLICT

SPEC = make_spec(NAMESPACE)


def refuse_first(api: FakeApi, part: str) -> None:
    """Have the API refuse the first change of what has `part` at the end of its path, as a field of somebody else's."""
    answers: list[Answer] = [CONFLICT]

    def refuse(method: str, target: str) -> Answer | None:
        return answers.pop() if answers and method == "PATCH" and target.partition("?")[0].endswith(part) else None

    api.fault = refuse


def test_a_namespace_that_ends_is_waited_for(api: FakeApi, client: ClusterClient, settings: ClusterSettings) -> None:
    apply_instance(client, SPEC, settings, now=NOW)
    api.get("Namespace", NAMESPACE)["metadata"]["deletionTimestamp"] = "2026-11-25T22:00:00Z"
    with pytest.raises(CiviparoisseError) as raised:
        check_namespace(client, NAMESPACE, read_namespace(client, NAMESPACE))
    assert (raised.value.code, raised.value.retryable) == ("namespace_ending", True)


def test_a_name_is_taken_once(api: FakeApi, client: ClusterClient) -> None:
    api.put(make_namespace(manager="them"))
    with pytest.raises(CiviparoisseError) as raised:
        take_name(client, NAMESPACE, make_namespace())
    assert raised.value.code == "namespace_foreign"


def test_a_label_of_somebody_else_s_stays_and_all_the_rest_is_applied(api: FakeApi, client: ClusterClient) -> None:
    there = api.put(make_namespace())
    there["metadata"]["labels"][POD_SECURITY_LABEL] = "restricted"
    wanted = make_namespace()
    wanted["metadata"]["labels"] |= {POD_SECURITY_LABEL: "baseline", "other": "ours"}
    refuse_first(api, f"/namespaces/{NAMESPACE}")
    found, conflict = apply_namespace(client, NAMESPACE, wanted, {"noted": "x"})
    assert conflict is not None and conflict.params["manager"] == "kubectl-patch"
    labels = found["metadata"]["labels"]
    assert (labels[POD_SECURITY_LABEL], labels["other"]) == ("restricted", "ours")
    assert found["metadata"]["annotations"] == {"noted": "x"}


def test_an_instance_is_whole_in_a_namespace_with_a_foreign_label(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    del api.objects["CronJob", NAMESPACE, "civibackup"]
    api.get("Namespace", NAMESPACE)["metadata"]["labels"][POD_SECURITY_LABEL] = "restricted"
    refuse_first(api, f"/namespaces/{NAMESPACE}")
    engine.client.applied.clear()
    with pytest.raises(ClusterConflict):
        engine.apply(SPEC)
    assert api.get("CronJob", "civibackup", NAMESPACE), "what was taken away is put back"
    assert api.get("Namespace", NAMESPACE)["metadata"]["labels"][POD_SECURITY_LABEL] == "restricted"


def test_a_schedule_of_somebody_else_s_stops_no_other(
    api: FakeApi, engine: KubernetesEngine, settings: ClusterSettings
) -> None:
    provision(api, engine)
    del api.objects["CronJob", NAMESPACE, "civibackup"]
    refuse_first(api, "/cronjobs/civicron")
    with pytest.raises(ClusterConflict):
        apply_schedules(engine.client, SPEC, settings, now=NOW)
    assert api.get("CronJob", "civibackup", NAMESPACE)
