"""Two managers on one cluster, each with a database of its own: what one made the other neither changes nor removes."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from clusters.drift import observe_drift
from domain.errors import CiviparoisseError
from domain.specs import JobPhase
from domain.states import InstanceState, OperationKind, OperationState
from engine import registry
from engine.kubernetes.engine import KubernetesEngine
from operations.models import Operation
from operations.requests import request_operation
from operations.upkeep import restart_fallen_instances
from tenants.models import Instance
from tests.builders import make_plan, make_spec
from tests.cluster.control import Cluster
from tests.cluster.engine_at_work import has_settled, list_versions, make_job, prove
from tests.cluster.parishes import describe, finish
from tests.local_engines import wait_until
from tests.rows import make_instance_row

pytestmark = [pytest.mark.cluster, pytest.mark.django_db]
MARK = "civiparoisse.uepal.fr/manager"


def make_engine(engine: KubernetesEngine, manager: str) -> KubernetesEngine:
    """Return the same cluster's engine of the manager with that mark."""
    settings = dataclasses.replace(engine.settings, manager=manager)
    return KubernetesEngine("real", connection=engine.connection, settings=settings)


def run(kind: str, instance: Instance, **asked: object) -> Operation:
    """Run one operation to its end."""
    operation = request_operation(kind=kind, instance=instance, requested_by="test", parameters=asked)
    finish(operation)
    instance.refresh_from_db()
    return operation


def test_every_call_that_writes_is_refused_before_anything_is_sent(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name, ours, theirs = make_name(), make_engine(engine, "us"), make_engine(engine, "them")
    theirs.apply(make_spec(name))
    prove(cluster, name)
    job = make_job("backup-1")
    assert theirs.run_job(make_spec(name), job).phase is JobPhase.RUNNING
    wait_until(lambda: has_settled(cluster, name), "controllers have written")
    before = list_versions(cluster, name), cluster.list("jobs,pods", namespace=name)
    other = make_spec(name, plan=make_plan(db_volume_bytes=5 * 1024**3))
    for call in (
        lambda: ours.apply(other),
        lambda: ours.suspend(other),
        lambda: ours.resume(other),
        lambda: ours.run_job(other, make_job("backup-2")),
        lambda: ours.cancel_job(name, job.name),
        lambda: ours.delete(name, keep_backups=True),
        lambda: ours.delete(name, keep_backups=False),
    ):
        with pytest.raises(CiviparoisseError) as refused:
            call()
        assert refused.value.code == "namespace_foreign"
    assert ours.list_scheduled_runs(name) == () and ours.list_drift([other]) == {}
    assert list_versions(cluster, name) == before[0]
    names = {one["metadata"]["name"] for one in before[1]}
    assert {one["metadata"]["name"] for one in cluster.list("jobs,pods", namespace=name)} == names
    assert not ours.observe(name).exists and theirs.observe(name).initialised
    assert cluster.get("namespace", name)["metadata"]["labels"][MARK] == "them"


def test_a_whole_operation_of_another_manager_changes_nothing(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, theirs = make_name(), make_engine(engine, "them")
    theirs.apply(make_spec(name))
    prove(cluster, name)
    wait_until(lambda: has_settled(cluster, name), "controllers have written")
    before = list_versions(cluster, name)
    monkeypatch.setitem(registry._factories, "real", lambda: make_engine(engine, "us"))
    instance = make_instance_row(name, engine="real")
    operation = run(OperationKind.PROVISION, instance)
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "namespace_foreign"), describe(operation)
    assert instance.state == InstanceState.FAILED
    loss = {"final_backup": False, "purge_backups": True, "confirm": name}
    assert run(OperationKind.DELETE, instance, **loss).state == OperationState.SUCCEEDED, "there is nothing of ours"
    assert list_versions(cluster, name) == before
    # A namespace of ours that bears another mark since: told, and neither made again nor given up as purged.
    instance.state, instance.url = InstanceState.ACTIVE.value, f"https://{instance.host}/"
    instance.save()
    found = observe_drift("real", now=datetime.now(UTC), only=instance)
    assert [one.code for one in found.findings] == ["instance_taken"] and not found.instances
    assert restart_fallen_instances(now=datetime.now(UTC)) == []
    operation = run(OperationKind.DELETE, instance, **loss)
    assert (operation.state, operation.error_code) == (OperationState.FAILED, "namespace_foreign"), describe(operation)
    assert list_versions(cluster, name) == before


def test_of_two_managers_one_makes_the_namespace(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one has read that there is none a moment before."""
    name, ours, theirs = make_name(), make_engine(engine, "us"), make_engine(engine, "them")
    monkeypatch.setattr(
        "engine.kubernetes.apply.read_namespace", _after_the_first_look(lambda: theirs.apply(make_spec(name)))
    )
    with pytest.raises(CiviparoisseError) as refused:
        ours.apply(make_spec(name))
    assert refused.value.code == "namespace_foreign"
    assert cluster.get("namespace", name)["metadata"]["labels"][MARK] == "them"


def _after_the_first_look(act: Callable[[], object]) -> Callable[..., object]:
    """Return read_namespace that lets somebody else act once, after it has looked."""
    from engine.kubernetes.records import read_namespace

    acted: list[bool] = []

    def read(*arguments: object) -> object:
        record = read_namespace(*arguments)  # type: ignore[arg-type]
        if not acted:
            acted.append(True)
            act()
        return record

    return read
