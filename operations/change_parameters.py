"""What a change of the plan and an upgrade accept, and what they say they will do. They write nothing."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from domain.errors import CiviparoisseError, InvalidValue
from domain.states import InstanceState, OperationKind
from domain.versions import find_downgrade
from domain.words import word
from engine.registry import get_engine
from operations.admission import describe_room, refuse_without_room
from operations.closing import describe_closed_time
from operations.declared_parameters import Parameter, ParameterType
from operations.parameters import OVER_CAPACITY_FLAG, TYPED
from operations.steps.volumes import refuse_fixed_volumes
from tenants.models import Instance, Plan, Release
from tenants.registry import get_plan, get_release, refuse_incomplete
from tenants.sizes import format_exact_size
from tenants.specs import compute_volume_bytes


def offer_plans(instance: Instance) -> list[tuple[str, str]]:
    """Return the other plans."""
    return [(name, name) for name in Plan.objects.exclude(pk=instance.plan_id).values_list("name", flat=True)]


def offer_releases(instance: Instance) -> list[tuple[str, str]]:
    """Return the other releases."""
    return [(name, name) for name in Release.objects.exclude(pk=instance.release_id).values_list("name", flat=True)]


RESIZE_PARAMETERS = (
    Parameter(
        name="plan",
        told=gettext_lazy("Plan"),
        summary=gettext_noop("The new plan."),
        is_required=True,
        length=40,
        offers=offer_plans,
        label=gettext_lazy("The new plan"),
        needed=gettext_lazy("Choose the new plan."),
        prompt=gettext_lazy("Choose a plan: what will happen is then told here."),
    ),
    OVER_CAPACITY_FLAG,
)
UPGRADE_PARAMETERS = (
    Parameter(
        name="release",
        told=gettext_lazy("Release"),
        summary=gettext_noop("The new release."),
        is_required=True,
        length=40,
        offers=offer_releases,
        label=gettext_lazy("The new release"),
        needed=gettext_lazy("Choose the new release."),
        prompt=gettext_lazy("Choose a release: what will happen is then told here."),
    ),
    Parameter(
        name="safety_backup",
        told=gettext_lazy("Safety backup first"),
        type=ParameterType.FLAG,
        default=True,
        summary=gettext_noop("Take a backup first (default)."),
        label=gettext_lazy("Take a safety backup first"),
        help=gettext_lazy("If the upgrade fails, it is put back by itself. Keep it unless there is no more space."),
        option="--no-safety-backup",
    ),
    replace(
        TYPED,
        summary=gettext_noop("The identifier of the instance, needed when the safety backup is refused."),
        label=gettext_lazy("To go on without a safety backup, type the instance's identifier"),
    ),
)


def validate_resize(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return `parameters`. The plan is complete and not the present one. Volumes cannot shrink: those that are larger
    than its stay as they are, and bar no way to other CPU and memory.

    Raise InvalidValue, NotFound, or CiviparoisseError `plan_incomplete`.
    """
    plan = get_plan(parameters["plan"])
    refuse_incomplete(plan)
    if plan.pk == instance.plan_id:
        raise InvalidValue(field="plan", reason=_("%(instance)s has it already.") % {"instance": instance.identifier})
    return parameters


def precheck_resize(instance: Instance, parameters: dict[str, Any]) -> None:
    """Raise CiviparoisseError `volume_cannot_grow` when a storage class forbids a larger volume; then as
    `refuse_without_room`."""
    plan = get_plan(parameters["plan"])
    if any(asked > present for present, asked in list_volume_changes(instance, plan).values()):
        refuse_fixed_volumes(instance.identifier, get_engine(instance.engine), plan)
    refuse_without_room(instance, parameters)


def describe_resize(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what the change of the plan does, in sentences. `parameters`: as validated."""
    names = {"instance": instance.identifier, "before": instance.plan.name, "plan": parameters["plan"]}
    changes = list_volume_changes(instance, get_plan(parameters["plan"]))
    growing = {name: sizes for name, sizes in changes.items() if sizes[1] > sizes[0]}
    if instance.state == InstanceState.SUSPENDED:
        effect = _("It stays suspended; its new sizes hold once it is resumed.")
    else:
        effect = _("Its servers are restarted: its page does not answer for a moment.")
    if growing:
        undo = _("If it fails, the plan %(before)s is put back, but volumes that have grown stay as they are.")
        after = _("It can be undone at any time, but for the volumes: these keep the size that they have then.")
    else:
        undo = _("If it fails, the plan %(before)s is put back.")
        after = _("It can be undone at any time: ask for the plan %(before)s again.")
    sizes = [_describe_volume(name, *both) for name, both in changes.items()]
    what = _("%(instance)s goes from the plan %(before)s to the plan %(plan)s.")
    return [what % names, *sizes, effect, undo % names, after % names, *describe_room(instance, parameters)]


def _describe_volume(name: str, present: int, asked: int) -> str:
    grows = _("Its %(volume)s grows from %(present)s to %(asked)s.")
    stays = _("Its %(volume)s stays at %(present)s: volumes cannot shrink.")
    both = {"present": format_exact_size(present), "asked": format_exact_size(asked)}
    return (grows if asked > present else stays) % {"volume": word("volume", name), **both}


def list_volume_changes(instance: Instance, plan: Plan) -> dict[str, tuple[int, int]]:
    """Return (bytes now, bytes of `plan`) of every volume, by its field, whose size is not the plan's."""
    present = compute_volume_bytes(instance.plan, instance.grown_volumes)
    asked = compute_volume_bytes(plan)
    return {name: (present[name], asked[name]) for name in present if present[name] != asked[name]}


def validate_upgrade(instance: Instance, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return {"release", "safety_backup", "confirm"} of an upgrade to another release, none of whose products is older
    than now. `safety_backup`: true unless refused; then `confirm` must be the instance's identifier.

    Raise InvalidValue, NotFound, or CiviparoisseError `downgrade_refused` or `upgrade_unconfirmed`.
    """
    release = get_release(parameters["release"])
    if release.pk == instance.release_id:
        raise InvalidValue(
            field="release", reason=_("%(instance)s has it already.") % {"instance": instance.identifier}
        )
    older = find_downgrade(instance.release.versions, release.versions)
    if older is not None:
        raise CiviparoisseError(
            "downgrade_refused",
            instance=instance.identifier,
            product=older,
            present=instance.release.versions[older],
            asked=release.versions[older],
        )
    safety_backup, confirm = parameters["safety_backup"], parameters["confirm"]
    if not safety_backup and confirm != instance.identifier:
        raise CiviparoisseError("upgrade_unconfirmed", instance=instance.identifier)
    return {"release": release.name, "safety_backup": safety_backup, "confirm": confirm}


def describe_upgrade(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    """Return what the upgrade does, in sentences. `parameters`: as validated."""
    names = {"instance": instance.identifier, "before": instance.release.name, "release": parameters["release"]}
    what = _("%(instance)s goes from the release %(before)s to the release %(release)s.")
    closed = _("Its page is closed before anything is copied, and opened again once it shows the parish's name.")
    copy = _("A safety backup is taken first; if the upgrade fails, the release %(before)s and that data come back.")
    no_copy = _("No safety backup is taken: if the upgrade fails, there is no way back.")
    time = describe_closed_time(instance, OperationKind.UPGRADE)
    sentences = [what, closed, copy if parameters["safety_backup"] else no_copy, time]
    if get_release(parameters["release"]).images.get("db") != instance.release.images.get("db"):
        sentences.append(
            _(
                "The database server's image changes too: once the new one has started, the earlier one may refuse its"
                " files, and what failed could not be put back by itself."
            )
        )
    if instance.state == InstanceState.SUSPENDED:
        sentences.append(_("It is started for that, without its cron, and suspended again afterwards."))
    sentences.append(_("There is no downgrade afterwards, but an earlier backup can be restored."))
    return [sentence % names for sentence in sentences]
