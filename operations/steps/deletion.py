"""Steps of a deletion: look, (final backup), stop, wait, purge, prove."""

from datetime import datetime, timedelta

from django.utils.timezone import localtime

from domain.errors import CiviparoisseError
from domain.specs import InstanceKind
from domain.states import StepState
from operations.models import OperationStep
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.parameters import refuse_unconfirmed_loss
from operations.registry import list_kinds
from operations.steps.running import note_running, select_noted_running
from operations.steps.servers import await_running
from tenants.models import Instance

# In the operation's data: until when a cancel brings everything back, in ISO 8601.
UNDO_UNTIL_KEY = "undo_until"
UNDO_MESSAGE = "can be undone until "
PURGING = "waiting until everything is purged"


def inspect(context: StepContext) -> Outcome:
    """Decide whether a final backup is taken: it was not declined, and there is something to back up."""
    observed = note_running(context)
    # An address is set by the first provisioning and cleared by a proven purge: a damaged instance, whose initial
    # data is no longer complete, still has data that somebody may want.
    has_data = observed.exists and not observed.missing and (observed.initialised or bool(context.instance.url))
    context.data["final_backup_wanted"] = context.parameters["final_backup"] and has_data
    grace = context.engine.deletion_grace_seconds > 0 and (observed.exists or bool(observed.backup_ids))
    # A verification holds a copy of a set that is kept: nobody wants it back.
    grace = grace and context.instance.kind != InstanceKind.VERIFICATION
    # What an earlier deletion began to purge cannot be brought back: nothing is worth waiting for.
    context.data["grace_wanted"] = grace and context.instance.error_code != "purge_incomplete"
    return Done()


def grace(context: StepContext) -> Outcome:
    """Wait, with everything stopped and nothing purged, until the time to undo the deletion is over or it is undone.

    A cancel ends the wait: the runner then stops before the purge, and what ran runs again.
    """
    if UNDO_UNTIL_KEY not in context.data:
        until = context.now + timedelta(seconds=context.engine.deletion_grace_seconds)
        context.data[UNDO_UNTIL_KEY] = until.isoformat()
        context.save()
    until = datetime.fromisoformat(context.data[UNDO_UNTIL_KEY])
    if context.operation.cancel_requested or context.now >= until:
        return Done()
    seconds = (until - context.now).total_seconds()
    return Wait(seconds=seconds, message=f"{UNDO_MESSAGE}{localtime(until):%Y-%m-%d %H:%M}")


def purge(context: StepContext) -> Outcome:
    """Remove everything but the backups, or the backups too when asked and confirmed."""
    refuse_unconfirmed_loss(context.instance.identifier, context.parameters)
    context.data["purge_begun"] = True
    context.save()
    keep = not context.parameters["purge_backups"]
    try:
        observed = context.engine.delete(context.instance.identifier, keep_backups=keep)
    except CiviparoisseError as error:
        if error.code != "namespace_foreign" or _was_ever_made(context.instance):
            raise
        return Done()  # what stands under its name was another manager's before it asked for anything
    # A cluster ends namespaces and volumes in its own time; asking again goes on where it is.
    return Wait(message=PURGING) if observed.remains else Done()


def _was_ever_made(instance: Instance) -> bool:
    """Return whether anything of the instance was ever put where it should run."""
    done = OperationStep.objects.filter(operation__instance=instance, state=StepState.DONE.value)
    making = {(kind.code, step.name) for kind in list_kinds() for step in kind.steps if step.makes_instance}
    return bool(instance.url) or bool(making & set(done.values_list("operation__kind", "name")))


def prove_purge(context: StepContext) -> Outcome:
    """Look for what remains; the name is free again only when nothing does."""
    observed = context.engine.observe(context.instance.identifier)
    kept = () if context.parameters["purge_backups"] else observed.backup_ids
    left = (*observed.remains, *(set(observed.backup_ids) - set(kept)))
    if left:
        raise CiviparoisseError("purge_incomplete", instance=context.instance.identifier, remains=", ".join(left))
    Instance.objects.filter(pk=context.instance.pk).update(purged_at=context.now, url="", grown_volumes={})
    context.data["url"] = None
    return Done(result={"kept_backups": sorted(kept)})


def put_servers_back(context: StepContext) -> Outcome:
    """Run what ran before the deletion that stopped. Raise `purge_incomplete` once data may be gone."""
    identifier = context.instance.identifier
    observed = context.engine.observe(identifier)
    if context.data.get("purge_begun"):
        left = ", ".join(observed.remains)
        raise CiviparoisseError("purge_incomplete", retryable=False, instance=identifier, remains=left)
    if not observed.exists:
        return Done()
    wanted = select_noted_running(context)
    return await_running(context.engine.apply(context.make_spec(wanted)), wanted)
