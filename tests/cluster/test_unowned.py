"""A namespace or volume without an Instance row on a real cluster: removed by the manager that made it."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clusters.kinds.removal import REMOVE
from clusters.unowned import look_at
from domain.errors import CiviparoisseError
from domain.fleet import RemovableKind
from engine import registry
from engine.kubernetes.engine import KubernetesEngine
from finops.advice.findings import list_findings
from finops.advice.waste import Finding
from finops.calendar import compute_second
from finops.models import Interval, Resource
from operations.engine_objects import EngineObject
from operations.models import Operation
from operations.requests import request_operation
from tests.backups.parishes import finish
from tests.builders import make_spec
from tests.cluster.control import Cluster, wait_until
from tests.cluster.engine_at_work import has_settled, list_volumes
from tests.commands import run_json

pytestmark = [pytest.mark.cluster, pytest.mark.django_db(transaction=True)]
KEPT = "kept"


@pytest.fixture
def kept(cluster: Cluster, engine: KubernetesEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[KubernetesEngine]:
    """The engine of this manager, where the policy of volumes keeps what is in them."""
    (default,) = (
        one
        for one in cluster.list("storageclass")
        if one["metadata"].get("annotations", {}).get("storageclass.kubernetes.io/is-default-class") == "true"
    )
    cluster.apply([{**default, "metadata": {"name": KEPT}, "reclaimPolicy": "Retain"}])
    settings = dataclasses.replace(engine.settings, manager="us", storage_class=KEPT)
    made = KubernetesEngine("real", connection=engine.connection, settings=settings)
    # For this test alone: others look at every engine there is.
    monkeypatch.setitem(registry._factories, "real", lambda: made)
    yield made
    cluster.kubectl("delete", "storageclass", KEPT)


def ask(engine: str, thing: RemovableKind, name: str) -> Operation:
    """Ask for a removal."""
    parameters = {"engine": engine, "volume": thing is RemovableKind.VOLUME, "confirm": name}
    subject = EngineObject(engine=engine, thing=thing, name=name)
    return request_operation(kind=REMOVE.code, instance=subject, requested_by="jeanne", parameters=parameters)


def read_place(cluster: Cluster, name: str) -> Path:
    """Return the directory of a volume of our own cluster."""
    return Path(cluster.get("pv", name)["spec"]["hostPath"]["path"])


def test_a_namespace_is_removed_by_the_manager_that_made_it(
    cluster: Cluster, kept: KubernetesEngine, make_name: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, ours = make_name(), kept
    theirs = KubernetesEngine(
        "other", connection=ours.connection, settings=dataclasses.replace(ours.settings, manager="them")
    )
    monkeypatch.setitem(registry._factories, "other", lambda: theirs)
    ours.apply(make_spec(name))
    wait_until(lambda: has_settled(cluster, name), "its volumes are there")
    found = {one.waste.engine: one.waste for one in list_findings(now=datetime.now(UTC)) if one.waste.name == name}
    assert (found["real"].removable, found["other"].removable) == (RemovableKind.INSTANCE, None)
    with pytest.raises(CiviparoisseError) as refused:
        ask("other", RemovableKind.INSTANCE, name)
    assert refused.value.code == "stray_foreign" and ours.observe(name).exists
    assert len(look_at(EngineObject(engine="real", thing=RemovableKind.INSTANCE, name=name)).volumes) == 4
    code, document = run_json("stray_remove", name, "--engine", "real", "--confirm", name, "--wait")
    assert code == 0, document
    assert not cluster.exists("namespace", name) and list_volumes(cluster, name) == []


def test_a_volume_that_its_policy_kept_is_removed_with_its_storage(
    own_cluster: Cluster, kept: KubernetesEngine, make_name: Callable[[], str]
) -> None:
    name, place = make_name(), kept
    begun = datetime.now(UTC)
    place.apply(make_spec(name))
    wait_until(lambda: has_settled(own_cluster, name), "its volumes are there")
    volumes = list_volumes(own_cluster, name)
    with pytest.raises(CiviparoisseError) as refused:
        place.remove_volume(volumes[0])
    assert refused.value.code == "volume_held"
    wait_until(lambda: not place.delete(name, keep_backups=False).remains, "it is purged", seconds=90)
    assert list_volumes(own_cluster, name) == volumes and len(volumes) == 4

    def list_left() -> dict[str, RemovableKind | None]:
        found = [one.waste for one in list_findings(now=datetime.now(UTC))]
        return {
            one.name: one.removable for one in found if one.finding is Finding.VOLUME_RELEASED and one.name in volumes
        }

    wait_until(lambda: list_left() == dict.fromkeys(volumes, None), "they are found, and no record of ours knows them")
    start = compute_second(begun - timedelta(seconds=1))
    Interval.objects.create(
        instance=name, tenant=name, engine="real", resource=Resource.STORAGE, component="db", source="spec",
        start=start, end=compute_second(datetime.now(UTC)), storage_bytes=1,
    )  # fmt: skip
    assert list_left() == dict.fromkeys(volumes, RemovableKind.VOLUME)
    places = [read_place(own_cluster, volume) for volume in volumes]
    assert all(one.is_dir() for one in places)
    for one in volumes:
        operation = ask("real", RemovableKind.VOLUME, one)
        finish(operation)
        assert operation.state == "succeeded", operation.error_params
    assert list_volumes(own_cluster, name) == [] and list_left() == {}
    assert not any(one.exists() for one in places)
