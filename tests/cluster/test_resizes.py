"""A larger plan on real claims: what the class forbids is refused unsent, what does not grow is no success, no
size of a volume bars another operation. Suspended instances, so that no node is needed."""

from collections.abc import Callable

import pytest
from django.test import override_settings

from domain.errors import CiviparoisseError
from domain.states import InstanceState, OperationKind, OperationState
from engine import registry
from engine.kubernetes.engine import KubernetesEngine
from operations.models import Operation
from operations.requests import request_operation
from tenants.models import Instance
from tests.builders import GIBIBYTE, make_plan, make_spec
from tests.cluster.control import Cluster, wait_until
from tests.cluster.engine_at_work import has_settled, list_versions, prove
from tests.cluster.parishes import describe, finish
from tests.rows import make_instance_row, make_plan_row

pytestmark = [pytest.mark.cluster, pytest.mark.django_db]


@pytest.fixture
def place(
    cluster: Cluster, engine: KubernetesEngine, make_name: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> Instance:
    """A suspended instance on the cluster; plans "large", "huge" and "other"."""
    monkeypatch.setitem(registry._factories, "real", lambda: engine)
    for name, gibibytes in (("other", 1), ("large", 3), ("huge", 5)):
        make_plan_row(name, db_gibibytes=gibibytes)
    instance = make_instance_row(make_name(), state=InstanceState.SUSPENDED, engine="real")
    engine.suspend(make_spec(instance.identifier))
    prove(cluster, instance.identifier)
    wait_until(lambda: has_settled(cluster, instance.identifier), "its volumes are there")
    return instance


def resize(instance: Instance, plan: str, *, expected: OperationState, between: Callable[[], object]) -> Operation:
    """Resize to its end, with `between` before each of the worker's turns."""
    operation = request_operation(
        kind=OperationKind.RESIZE, instance=instance, requested_by="test", parameters={"plan": plan}
    )
    finish(operation, between=lambda _operation: between())
    instance.refresh_from_db()
    assert operation.state == expected, describe(operation)
    return operation


def read_database_claim(cluster: Cluster, name: str) -> str:
    """Return what the database's claim asks for."""
    size: str = cluster.get("pvc", "dbvolclaim", namespace=name)["spec"]["resources"]["requests"]["storage"]
    return size


def test_a_class_without_expansion_refuses_and_nothing_is_jammed(
    cluster: Cluster, engine: KubernetesEngine, place: Instance
) -> None:
    name = place.identifier
    before = list_versions(cluster, name)
    with pytest.raises(CiviparoisseError) as refused:
        request_operation(kind=OperationKind.RESIZE, instance=place, requested_by="test", parameters={"plan": "large"})
    assert refused.value.code == "volume_cannot_grow" and refused.value.params["claim"] == "dbvolclaim"
    with pytest.raises(CiviparoisseError) as refused:
        engine.apply(make_spec(name, plan=make_plan(db_volume_bytes=3 * GIBIBYTE)))
    assert refused.value.code == "volume_cannot_grow" and "resized" in refused.value.params["reason"]
    assert list_versions(cluster, name) == before
    place.refresh_from_db()
    assert (place.state, place.plan.name, place.grown_volumes) == ("suspended", "test", {})
    resize(place, "other", expected=OperationState.SUCCEEDED, between=bool)


def test_what_does_not_grow_is_no_success_and_bars_no_way(
    cluster: Cluster, engine: KubernetesEngine, place: Instance
) -> None:
    name = place.identifier
    storage_class = cluster.get("pvc", "dbvolclaim", namespace=name)["spec"]["storageClassName"]
    cluster.kubectl("patch", "storageclass", storage_class, "-p", '{"allowVolumeExpansion": true}')
    try:
        with override_settings(VOLUMES_TIMEOUT_SECONDS=5):
            operation = resize(place, "large", expected=OperationState.FAILED, between=bool)
        assert operation.error_code == "resize_rolled_back_grown", describe(operation)
        assert "dbvolclaim has 1Gi, and waits for 3Gi" in operation.error_params["detail"]
        assert (place.state, place.plan.name) == ("suspended", "test")
        assert place.grown_volumes == {"db_volume_bytes": 3 * GIBIBYTE} and read_database_claim(cluster, name) == "3Gi"

        def grow() -> None:
            """Do the part of the driver that is not there."""
            size = read_database_claim(cluster, name)
            patch = f'{{"status": {{"capacity": {{"storage": "{size}"}}}}}}'
            cluster.kubectl("patch", "pvc", "dbvolclaim", "--subresource=status", "-p", patch, namespace=name)

        resize(place, "huge", expected=OperationState.SUCCEEDED, between=grow)
        assert engine.observe_volumes(name)["db_volume_bytes"].capacity_bytes == 5 * GIBIBYTE
    finally:
        cluster.kubectl("patch", "storageclass", storage_class, "-p", '{"allowVolumeExpansion": false}')
    back = resize(place, "other", expected=OperationState.SUCCEEDED, between=bool)
    assert (back.result["plan"], place.grown_volumes) == ("other", {"db_volume_bytes": 5 * GIBIBYTE})
    assert read_database_claim(cluster, name) == "5Gi"
