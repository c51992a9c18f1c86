"""Steps of a larger backup volume: note, ask for the size, apply it, wait for it; and the way back."""

from backups.enlarge_parameters import FIELD, GIBIBYTE, refuse_fixed
from operations.outcomes import Done, Outcome, StepContext
from operations.steps.running import note_running, select_components_before
from operations.steps.servers import await_running
from operations.steps.volumes import remember_sizes
from tenants.models import Instance


def note(context: StepContext) -> Outcome:
    """Note what runs. Raise `volume_cannot_grow` before anything is changed: the storage class may have changed since
    it was asked."""
    note_running(context)
    refuse_fixed(context.instance, context.parameters)
    # Backups mount it for a moment at a time: what only waits for that is not waited for.
    context.data["page_wanted"] = False
    return Done()


def set_size(context: StepContext) -> Outcome:
    """Remember the new size on the instance's row: whoever applies the instance from now on asks for that."""
    instance = context.instance
    grown = {**instance.grown_volumes, FIELD: context.parameters["gibibytes"] * GIBIBYTE}
    Instance.objects.filter(pk=instance.pk).update(grown_volumes=grown)
    instance.grown_volumes = grown
    return Done()


def apply_size(context: StepContext) -> Outcome:
    """Ask the engine for the size; all that runs goes on."""
    wanted = select_components_before(context)
    outcome = await_running(context.engine.apply(context.make_spec(wanted)), wanted)
    return Done(result={"gibibytes": context.parameters["gibibytes"]}) if isinstance(outcome, Done) else outcome


def undo_size(context: StepContext) -> Outcome:
    """Remember what the volumes really have: they cannot shrink."""
    remember_sizes(context.instance, context.engine, context.instance.plan)
    return Done()


def undo_apply(context: StepContext) -> Outcome:
    """Apply the instance as it was, with what should run now."""
    wanted = select_components_before(context)
    return await_running(context.engine.apply(context.make_spec(wanted)), wanted)
