"""Sizes of volumes: what is there is remembered, not what was wished for; growth is waited for."""

import pytest

from domain.errors import CiviparoisseError
from domain.fleet import VolumeSize
from domain.specs import ALL_COMPONENTS
from domain.states import InstanceState, OperationKind, OperationState
from operations.models import Operation
from operations.outcomes import Done, Wait
from operations.requests import request_operation
from operations.steps.volumes import (
    await_growth,
    correct_sizes,
    describe_growth,
    refuse_fixed_volumes,
    remember_sizes,
    select_grown,
)
from tenants.models import Instance
from tests.builders import GIBIBYTE
from tests.engines import FakeEngine
from tests.operations.conftest import Finish
from tests.operations.steps.conftest import MakeContext
from tests.rows import make_instance_row, make_plan_row

pytestmark = pytest.mark.django_db(transaction=True)


def make_size(
    requested: int = 1, capacity: int | None = None, *, can_grow: bool = True, waits: bool = False
) -> VolumeSize:
    """Return the size of the database's volume, in GiB."""
    return VolumeSize(
        claim="dbvolclaim",
        requested_bytes=requested * GIBIBYTE,
        capacity_bytes=(requested if capacity is None else capacity) * GIBIBYTE,
        storage_class="standard",
        can_grow=can_grow,
        waits_for_start=waits,
        detail="Resizing" if capacity is not None else "",
    )


def test_only_what_is_larger_than_the_plan_is_remembered(engine: FakeEngine) -> None:
    instance, plan = make_instance_row(), make_plan_row("test")
    instance.grown_volumes = {"files_volume_bytes": 9 * GIBIBYTE}
    instance.save()
    engine.sizes["saint-paul"] = {"db_volume_bytes": make_size(3), "files_volume_bytes": make_size(1)}
    assert remember_sizes(instance, engine, plan) == {"db_volume_bytes": 3 * GIBIBYTE}
    assert Instance.objects.get().grown_volumes == instance.grown_volumes == {"db_volume_bytes": 3 * GIBIBYTE}
    assert select_grown({}, plan) == {}


def test_a_fixed_class_refuses_more_and_nothing_else(engine: FakeEngine) -> None:
    engine.sizes["saint-paul"] = {"db_volume_bytes": make_size(3, can_grow=False)}
    refuse_fixed_volumes("saint-paul", engine, make_plan_row("same", db_gibibytes=3))
    with pytest.raises(CiviparoisseError) as refused:
        refuse_fixed_volumes("saint-paul", engine, make_plan_row("large", db_gibibytes=4))
    assert refused.value.code == "volume_cannot_grow" and not refused.value.retryable


def test_growth_is_waited_for_and_said(make_context: MakeContext, engine: FakeEngine) -> None:
    context = make_context(OperationKind.RESIZE, "await_growth", plan=make_plan_row("large", db_gibibytes=3).name)
    context.data["page_wanted"] = True
    engine.sizes["saint-paul"] = {"db_volume_bytes": make_size(3, 1)}
    waiting = await_growth(context)
    assert isinstance(waiting, Wait) and "dbvolclaim has 1Gi, and waits for 3Gi (Resizing)" in waiting.message
    engine.sizes["saint-paul"] = {"db_volume_bytes": make_size(3, 1, waits=True)}
    assert isinstance(await_growth(context), Wait), "a server that runs mounts it"
    context.data["page_wanted"] = False
    assert await_growth(context) == Done(), "where none runs, its file system grows with the next start"
    engine.sizes["saint-paul"] = {"db_volume_bytes": make_size(3)}
    assert await_growth(context) == Done()
    assert describe_growth(make_size(2, 1)).startswith("the volume dbvolclaim has 1Gi")


@pytest.mark.parametrize("state", [InstanceState.ACTIVE, InstanceState.FAILED])
def test_what_an_old_fault_remembered_and_no_volume_has_is_forgotten(
    engine: FakeEngine, finish: Finish, state: InstanceState
) -> None:
    engine.set_up("saint-paul", running=ALL_COMPONENTS)
    instance = make_instance_row(state=state)
    remembered = {"db_volume_bytes": 9 * GIBIBYTE, "files_volume_bytes": 3 * GIBIBYTE, "private_volume_bytes": 7}
    Instance.objects.filter(pk=instance.pk).update(grown_volumes=remembered)
    engine.sizes["saint-paul"] = {
        "db_volume_bytes": make_size(1, can_grow=False),
        "files_volume_bytes": make_size(3, can_grow=False),
    }
    operation = request_operation(kind=OperationKind.RESUME, instance=instance, requested_by="test")
    assert finish(operation).state == OperationState.SUCCEEDED
    assert Instance.objects.get().grown_volumes == {"files_volume_bytes": 3 * GIBIBYTE, "private_volume_bytes": 7}
    assert engine.list_calls("saint-paul").count("observe_volumes") <= 1


def test_nothing_is_asked_where_nothing_is_remembered(engine: FakeEngine) -> None:
    instance = make_instance_row()
    engine.sizes["saint-paul"] = {"db_volume_bytes": make_size(9)}
    correct_sizes(Operation(data={}), instance, engine)
    assert Instance.objects.get().grown_volumes == {}
