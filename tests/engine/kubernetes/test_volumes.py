"""What claims have is read from them, whether they can grow from their class; more than it allows is refused unsent."""

import dataclasses

import pytest

from domain.cluster import ClusterSettings
from domain.errors import CiviparoisseError
from engine.kubernetes.engine import KubernetesEngine
from engine.kubernetes.volumes import list_size_fields, make_size, observe_volumes
from tests.builders import GIBIBYTE, make_plan, make_spec
from tests.engine.kubernetes.fake_api import FakeApi
from tests.engine.kubernetes.objects import NAMESPACE, provision

LARGE = make_spec(NAMESPACE, plan=make_plan(db_volume_bytes=3 * GIBIBYTE))


@pytest.fixture
def engine(engine: KubernetesEngine, settings: ClusterSettings) -> KubernetesEngine:
    """An engine whose volumes are of the class "standard"."""
    engine.settings = dataclasses.replace(settings, storage_class="standard")
    return engine


def put_class(api: FakeApi, *, expands: bool) -> None:
    api.put({"kind": "StorageClass", "metadata": {"name": "standard"}, "allowVolumeExpansion": expands})


def test_sizes_are_looked_up(api: FakeApi, engine: KubernetesEngine) -> None:
    assert engine.observe_volumes(NAMESPACE) == {}
    provision(api, engine)
    put_class(api, expands=True)
    claim = api.get("PersistentVolumeClaim", "dbvolclaim", NAMESPACE)
    claim["status"] = {"capacity": {"storage": "512Mi"}}
    seen = engine.observe_volumes(NAMESPACE)
    assert set(seen) == set(list_size_fields().values())
    size = seen["db_volume_bytes"]
    assert (size.claim, size.requested_bytes, size.capacity_bytes, size.can_grow) == (
        "dbvolclaim", GIBIBYTE, GIBIBYTE // 2, True,
    )  # fmt: skip
    condition = {"type": "FileSystemResizePending", "status": "True", "message": "waits for a mount"}
    claim["status"]["conditions"] = [condition]
    size = make_size(claim, frozenset())
    assert size.waits_for_start and not size.can_grow and "waits for a mount" in size.detail
    assert observe_volumes(engine.client.visit("others"), NAMESPACE) == {}


@pytest.mark.parametrize("expands", [True, False])
def test_more_than_the_class_allows_is_refused_before_anything_is_sent(
    api: FakeApi, engine: KubernetesEngine, *, expands: bool
) -> None:
    provision(api, engine)
    put_class(api, expands=expands)
    sent = api.count("PATCH")
    if expands:
        assert engine.apply(LARGE).exists
        return
    with pytest.raises(CiviparoisseError) as refused:
        engine.apply(LARGE)
    assert refused.value.code == "volume_cannot_grow" and api.count("PATCH") == sent
    assert (refused.value.params["found"], refused.value.params["wanted"]) == ("1Gi", "3Gi")


def test_the_schedules_alone_can_be_put_back(api: FakeApi, engine: KubernetesEngine) -> None:
    provision(api, engine)
    engine.apply(dataclasses.replace(make_spec(NAMESPACE), backups_held=True))
    assert api.get("CronJob", "civibackup", NAMESPACE)["spec"]["suspend"] is True
    put_class(api, expands=False)
    sent = api.count("PATCH")
    engine.release_schedules(LARGE)
    assert api.get("CronJob", "civibackup", NAMESPACE)["spec"]["suspend"] is False
    assert api.count("PATCH") == sent + 3, "the namespace and both schedules"
    engine.apply(dataclasses.replace(make_spec(NAMESPACE), backups_held=True))
    assert api.get("CronJob", "civibackup", NAMESPACE)["spec"]["suspend"] is True, "nothing of before is believed"
