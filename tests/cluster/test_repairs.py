"""A repair on the real API server: somebody else's fields are left and told, all the rest is put back. No node is
needed."""

import json
from collections.abc import Callable

import pytest

from domain.errors import ClusterConflict
from engine.kubernetes.engine import KubernetesEngine
from manifests.labels import POD_SECURITY_LABEL
from tests.builders import make_spec
from tests.cluster.control import Cluster
from tests.cluster.engine_at_work import prove

pytestmark = pytest.mark.cluster


def test_what_was_taken_away_is_put_back_past_fields_of_somebody_else(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name = make_name()
    spec = make_spec(name)
    engine.apply(spec)
    prove(cluster, name)
    engine.apply(spec)
    schedule = json.dumps({"spec": {"schedule": "5 5 * * *"}})
    cluster.kubectl("patch", "cronjob", "civicron", "-p", schedule, namespace=name)
    cluster.kubectl("label", "namespace", name, f"{POD_SECURITY_LABEL}=privileged", "--overwrite")
    for kind, gone in (("cronjob", "civibackup"), ("service", "civicrmdb"), ("networkpolicy", "--all")):
        cluster.kubectl("delete", kind, gone, namespace=name)
    engine.client.applied.clear()
    with pytest.raises(ClusterConflict) as told:
        engine.resume(spec)
    assert (told.value.code, told.value.params["manager"]) == ("namespace_conflict", "kubectl-label")
    assert "delete" not in told.value.hint.replace("Never delete", "")
    left = {(one.object, one.path) for one in engine.list_drift([spec])[name]}
    assert left == {
        ("CronJob/civicron", "spec.schedule"),
        (f"Namespace/{name}", f"metadata.labels.{POD_SECURITY_LABEL}"),
    }, "all the rest is back"
    cluster.kubectl("label", "namespace", name, f"{POD_SECURITY_LABEL}-")
    with pytest.raises(ClusterConflict) as told:
        engine.resume(spec)
    assert (told.value.code, told.value.params["object"]) == ("cluster_conflict", "cronjobs/civicron")
    # The way out that the hint tells.
    cluster.kubectl("delete", "cronjob", "civicron", namespace=name)
    engine.resume(spec)
    assert engine.list_drift([spec]) == {}
