"""An erased namespace, an erased claim: told until a person decides, and never made again empty. No node is needed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from backups.models import Backup, BackupState
from clusters.drift import observe_drift
from domain.findings import Level
from domain.states import InstanceState, OperationKind, OperationState
from engine import registry
from engine.kubernetes.engine import KubernetesEngine
from operations.requests import request_operation
from operations.upkeep import restart_fallen_instances
from tenants.models import Instance
from tests.builders import make_spec
from tests.cluster.control import Cluster, wait_until
from tests.cluster.engine_at_work import prove
from tests.cluster.parishes import describe, finish
from tests.commands import run_json
from tests.rows import make_instance_row

pytestmark = [pytest.mark.cluster, pytest.mark.django_db]


@pytest.fixture
def instance(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> Instance:
    """An active instance with a good backup."""
    monkeypatch.setitem(registry._factories, "real", lambda: engine)
    row = make_instance_row(make_name(), state=InstanceState.ACTIVE, engine="real")
    row.url = f"https://{row.host}/"
    row.save()
    Backup.objects.create(
        backup_id="20261101T000000Z-5f3a9c", instance=row, state=BackupState.GOOD.value, reason="requested"
    )
    engine.apply(make_spec(row.identifier))
    prove(cluster, row.identifier)
    return row


def judge(instance: Instance) -> tuple[str, str, list[str]]:
    """Return state and error of the row once the clock has looked, and what the report of drift finds."""
    restart_fallen_instances(now=datetime.now(UTC))
    instance.refresh_from_db()
    found = observe_drift("real", now=datetime.now(UTC), only=instance).findings
    return instance.state, instance.error_code, [one.code for one in found]


def test_an_erased_namespace_is_told_and_not_made_again(
    cluster: Cluster, engine: KubernetesEngine, instance: Instance
) -> None:
    name = instance.identifier
    cluster.kubectl("delete", "namespace", name, "--wait=false")
    wait_until(lambda: not cluster.exists("namespace", name), "it is erased", seconds=60)
    engine.client.applied.clear()
    assert judge(instance) == ("failed", "instance_lost", ["instance_missing"])
    assert Backup.objects.get().state == BackupState.FAILED
    _code, document = run_json("instance_status", name)
    assert document["error"]["code"] == "instance_lost" and "instance_provision" in document["error"]["hint"]
    operation = request_operation(kind=OperationKind.RESUME, instance=instance, requested_by="test")
    finish(operation)
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "instance_lost"), describe(operation)
    assert not cluster.exists("namespace", name)
    loss = {"final_backup": False, "purge_backups": True, "confirm": name}
    instance.refresh_from_db()
    operation = request_operation(kind=OperationKind.DELETE, instance=instance, requested_by="test", parameters=loss)
    finish(operation)
    assert operation.state == OperationState.SUCCEEDED, describe(operation)


def test_an_erased_claim_is_told_and_not_made_again(
    cluster: Cluster, engine: KubernetesEngine, instance: Instance
) -> None:
    name = instance.identifier
    cluster.kubectl("delete", "pvc", "dbvolclaim", "--wait=false", namespace=name)
    wait_until(lambda: not cluster.exists("pvc", "dbvolclaim", namespace=name), "it is erased", seconds=60)
    engine.client.applied.clear()
    assert judge(instance) == ("failed", "instance_lost", ["instance_damaged"])
    assert instance.error_params["missing"] == "claim dbvolclaim"
    operation = request_operation(kind=OperationKind.RESUME, instance=instance, requested_by="test")
    finish(operation)
    assert operation.error_code == "instance_lost" and not cluster.exists("pvc", "dbvolclaim", namespace=name)


def test_a_namespace_that_somebody_is_deleting_is_told_as_that(
    cluster: Cluster, engine: KubernetesEngine, instance: Instance
) -> None:
    name = instance.identifier
    cluster.kubectl("create", "configmap", "held", namespace=name)
    hold = '{"metadata": {"finalizers": ["civiparoisse.test/held"]}}'
    cluster.kubectl("patch", "configmap", "held", "--type=merge", "-p", hold, namespace=name)
    cluster.kubectl("delete", "namespace", name, "--wait=false")
    try:
        found = observe_drift("real", now=datetime.now(UTC), only=instance).findings
        assert [(one.code, one.level) for one in found] == [("instance_ending", Level.CRITICAL)]
        assert name in engine.observe_fleet().endings
        Instance.objects.update(engine="elsewhere")  # as a manager sees it whose database does not know it
        told = [one for one in observe_drift("real", now=datetime.now(UTC)).findings if one.params.get("name") == name]
        assert [(one.code, one.level) for one in told] == [("namespace_going", Level.OK)]
        later = observe_drift("real", now=datetime.now(UTC) + timedelta(hours=1)).findings
        assert [one.code for one in later if one.params.get("name") == name] == ["namespace_held"]
    finally:
        release = '{"metadata": {"finalizers": null}}'
        cluster.kubectl("patch", "configmap", "held", "--type=merge", "-p", release, namespace=name)
    wait_until(lambda: not cluster.exists("namespace", name), "it is gone", seconds=60)
