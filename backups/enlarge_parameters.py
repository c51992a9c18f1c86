"""What a larger backup volume is asked with, and what it says it will do. Called before anything is written."""

import math
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from backups.volumes import compute_needed_bytes
from domain.errors import CiviparoisseError, InvalidValue
from domain.quantities import format_bytes
from domain.states import InstanceState
from engine.registry import get_engine
from operations.declared_parameters import Parameter, ParameterType
from tenants.models import Instance
from tenants.sizes import format_exact_size
from tenants.specs import compute_volume_bytes

FIELD = "backups_volume_bytes"
GIBIBYTE = 1024**3
MOST_GIBIBYTES = 16 * 1024
ENLARGE_PARAMETERS = (
    Parameter(
        name="gibibytes",
        type=ParameterType.NUMBER,
        most=MOST_GIBIBYTES,
        summary=gettext_noop("The new size in GiB; without it, what the policy needs, and a quarter more at least."),
        label=gettext_lazy("New size (GiB)"),
        help=gettext_lazy("Empty: what its policy needs, and a quarter more than now at least."),
    ),
)


def get_present_bytes(instance: Instance) -> int:
    """Return the size of the instance's backup volume."""
    return compute_volume_bytes(instance.plan, instance.grown_volumes)[FIELD]


def propose_gibibytes(instance: Instance) -> int:
    """Return the size that is proposed: what the policy needs, and a quarter more than now at least."""
    wanted = max(compute_needed_bytes(instance) or 0, get_present_bytes(instance) * 5 // 4)
    return min(MOST_GIBIBYTES, max(math.ceil(wanted / GIBIBYTE), get_present_bytes(instance) // GIBIBYTE + 1))


def validate_enlarge(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return {"gibibytes"}: larger than now. Raise InvalidValue."""
    wanted = parameters.get("gibibytes") or propose_gibibytes(instance)
    if wanted * GIBIBYTE <= get_present_bytes(instance):
        has = format_exact_size(get_present_bytes(instance))
        raise InvalidValue(
            field="gibibytes",
            reason=_("it has %(size)s already; volumes cannot shrink.") % {"size": has},
            well_formed=True,
        )
    return {"gibibytes": wanted}


def refuse_fixed(instance: Instance, parameters: dict[str, Any]) -> None:
    """Raise CiviparoisseError `volume_cannot_grow` when the storage class of the backup volume forbids it."""
    size = get_engine(instance.engine).observe_volumes(instance.identifier).get(FIELD)
    wanted = parameters["gibibytes"] * GIBIBYTE
    if size is not None and wanted > size.requested_bytes and not size.can_grow:
        raise CiviparoisseError(
            "volume_cannot_grow",
            instance=instance.identifier,
            claim=size.claim,
            storage_class=size.storage_class or "-",
            found=format_bytes(size.requested_bytes),
            wanted=format_bytes(wanted),
        )


def describe_enlarge(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what it does, in sentences. `parameters`: as validated."""
    names = {
        "instance": instance.identifier,
        "present": format_exact_size(get_present_bytes(instance)),
        "size": format_exact_size(parameters["gibibytes"] * GIBIBYTE),
    }
    effect = _("Nothing else of it changes, and nothing of it is stopped.")
    if instance.state == InstanceState.SUSPENDED:
        effect = _("Nothing else of it changes; it stays suspended.")
    return [
        _("The backup volume of %(instance)s grows from %(present)s to %(size)s.") % names,
        effect,
        _("It cannot be made smaller again."),
    ]
