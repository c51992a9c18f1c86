"""The sizes that an instance's volumes really have: looked up, remembered on its row, waited for."""

from collections.abc import Mapping

from domain.errors import CiviparoisseError
from domain.fleet import VolumeSize
from domain.quantities import format_bytes
from engine.base import Engine
from operations.models import Operation
from operations.outcomes import Done, Outcome, StepContext, Wait
from tenants.models import Instance, Plan
from tenants.plan_rules import VOLUMES

CORRECTED_KEY = "sizes_corrected"


def remember_sizes(instance: Instance, engine: Engine, plan: Plan) -> dict[str, int]:
    """Look up what the instance's volumes have and note on its row those that are larger than `plan` says: they cannot
    shrink, so that every later spec asks for what is there. Return them."""
    grown = select_grown(engine.observe_volumes(instance.identifier), plan)
    if grown != instance.grown_volumes:
        Instance.objects.filter(pk=instance.pk).update(grown_volumes=grown)
        instance.grown_volumes = grown
    return grown


def correct_sizes(operation: Operation, instance: Instance, engine: Engine) -> None:
    """Forget, before an operation does anything, what the row remembers of volumes beyond what they really have: asking
    for that would be refused for ever where they cannot grow. A volume that is not there keeps what is remembered.
    Once in an operation, and only where something is remembered."""
    if not instance.grown_volumes or operation.data.get(CORRECTED_KEY):
        return
    sizes = engine.observe_volumes(instance.identifier)
    there = select_grown(sizes, instance.plan)
    kept = {name: size for name, size in instance.grown_volumes.items() if name not in sizes}
    operation.data[CORRECTED_KEY] = True
    if (corrected := {**kept, **there}) != instance.grown_volumes:
        Instance.objects.filter(pk=instance.pk).update(grown_volumes=corrected)
        instance.grown_volumes = corrected


def select_grown(sizes: Mapping[str, VolumeSize], plan: Plan) -> dict[str, int]:
    """Return the volumes that are larger than the plan's, by its field. Pure."""
    return {
        name: sizes[name].requested_bytes for name in VOLUMES if name in sizes and _is_larger(sizes[name], plan, name)
    }


def _is_larger(size: VolumeSize, plan: Plan, name: str) -> bool:
    return bool(size.requested_bytes > getattr(plan, name))


def refuse_fixed_volumes(identifier: str, engine: Engine, plan: Plan) -> None:
    """Raise CiviparoisseError `volume_cannot_grow` when `plan` wants more of a volume than its storage class allows."""
    for name, size in engine.observe_volumes(identifier).items():
        wanted = getattr(plan, name)
        if wanted > size.requested_bytes and not size.can_grow:
            raise CiviparoisseError(
                "volume_cannot_grow",
                instance=identifier,
                claim=size.claim,
                storage_class=size.storage_class or "-",
                found=format_bytes(size.requested_bytes),
                wanted=format_bytes(wanted),
            )


def await_growth(context: StepContext) -> Outcome:
    """Wait until every volume has what was asked for. What only waits for a server that mounts it is done where none
    runs."""
    sizes = context.engine.observe_volumes(context.instance.identifier)
    for size in sizes.values():
        is_done = size.capacity_bytes >= size.requested_bytes
        if not is_done and not (size.waits_for_start and not context.data["page_wanted"]):
            return Wait(message=describe_growth(size))
    return Done()


def describe_growth(size: VolumeSize) -> str:
    """Return where the growth of a volume is, in English. Pure."""
    has, wanted = format_bytes(size.capacity_bytes), format_bytes(size.requested_bytes)
    said = f" ({size.detail})" if size.detail else ""
    return f"the volume {size.claim} has {has}, and waits for {wanted}{said}"
