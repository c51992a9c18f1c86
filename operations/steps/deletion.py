"""Steps of a deletion: look, (final backup), stop, purge, prove."""

from domain.errors import CiviparoisseError
from domain.specs import Component
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.parameters import refuse_unconfirmed_loss
from operations.steps.servers import READY_POLL_SECONDS, await_running, select_running
from tenants.models import Instance

PURGING = "waiting until everything is purged"


def inspect(context: StepContext) -> Outcome:
    """Decide whether a final backup is taken: it was not declined, and there is something to back up."""
    observed = context.engine.observe(context.instance.identifier)
    # An address is set by the first provisioning and cleared by a proven purge: a damaged instance, whose initial
    # data is no longer complete, still has data that somebody may want.
    has_data = observed.exists and (observed.initialised or bool(context.instance.url))
    context.data["final_backup_wanted"] = context.parameters["final_backup"] and has_data
    running = select_running(observed)
    context.data["running_before"] = sorted(component.value for component in running)
    return Done()


def purge(context: StepContext) -> Outcome:
    """Remove everything but the backups, or the backups too when asked and confirmed."""
    refuse_unconfirmed_loss(context.instance.identifier, context.parameters)
    context.data["purge_begun"] = True
    context.save()
    keep = not context.parameters["purge_backups"]
    observed = context.engine.delete(context.instance.identifier, keep_backups=keep)
    if observed.remains:
        # A cluster ends namespaces and volumes in its own time; asking again goes on where it is.
        return Wait(seconds=READY_POLL_SECONDS, message=PURGING)
    return Done()


def prove_purge(context: StepContext) -> Outcome:
    """Look for what remains; the name is free again only when nothing does."""
    observed = context.engine.observe(context.instance.identifier)
    kept = () if context.parameters["purge_backups"] else observed.backup_ids
    left = (*observed.remains, *(set(observed.backup_ids) - set(kept)))
    if left:
        raise CiviparoisseError("purge_incomplete", instance=context.instance.identifier, remains=", ".join(left))
    Instance.objects.filter(pk=context.instance.pk).update(purged_at=context.now, url="")
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
    wanted = frozenset(Component(name) for name in context.data["running_before"])
    return await_running(context.engine.apply(context.make_spec(wanted)), wanted)
