"""Steps of a removal of what has no Instance row: look, remove, the volumes that are left, prove.

Whose it is is looked at again right before each removal: the engine's mark, our rows, and for a volume the ledger.
"""

from clusters.unowned import look_at, refuse_owned
from domain.errors import CiviparoisseError, NotFound
from domain.fleet import ObservedVolume, RemovableKind
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.steps.deletion import PURGING

# In the operation's data: what there was, for its result; and the volumes that stay when their claims go.
HELD_KEY = "held"
KEPT_VOLUMES_KEY = "kept_volumes"


def look(context: StepContext) -> Outcome:
    """Note what there is. Raise what `look_at` raises: it may have become somebody's since it was asked."""
    holding = look_at(context.thing)
    context.data[HELD_KEY] = {
        "running": [pod.name for pod in holding.pods],
        "volumes": [volume.name for volume in holding.volumes],
        "backups": list(holding.backup_ids),
        "capacity_bytes": holding.capacity_bytes,
    }
    context.data[KEPT_VOLUMES_KEY] = [volume.name for volume in holding.volumes if volume.reclaim_policy]
    return Done()


def remove(context: StepContext) -> Outcome:
    """Ask for the removal of all that stands under the name, backups too, until it is gone. A volume is the next
    step's. Raise CiviparoisseError `stray_owned` or `stray_foreign` before anything of somebody else's is asked for."""
    thing = context.thing
    if thing.thing is RemovableKind.VOLUME:
        return Done()
    refuse_owned(thing)
    if not list_remains(context):
        return Done()
    if context.engine.observe_fleet().is_taken(thing.name):
        raise CiviparoisseError("stray_foreign", name=thing.name, engine=thing.engine)
    context.engine.delete(thing.name, keep_backups=False)
    return Wait(message=PURGING) if list_remains(context) else Done()


def remove_volumes(context: StepContext) -> Outcome:
    """Ask for the removal of the noted volumes that no claim holds any more, until they are gone."""
    thing = context.thing
    left = list_left_volumes(context)
    if not left:
        return Done()
    if thing.thing is RemovableKind.VOLUME:
        try:
            look_at(thing)
        except NotFound:
            return Done()
    else:
        refuse_owned(thing)
    for volume in left:
        if not volume.is_bound:
            context.engine.remove_volume(volume.name)
    return Wait(message=PURGING) if list_left_volumes(context) else Done()


def prove_removal(context: StepContext) -> Outcome:
    """Look for what remains. Raise CiviparoisseError `purge_incomplete`."""
    remains = list_remains(context) if context.thing.thing is RemovableKind.INSTANCE else ()
    if left := (*remains, *(volume.name for volume in list_left_volumes(context))):
        raise CiviparoisseError("purge_incomplete", instance=context.thing.name, remains=", ".join(left))
    return Done(result=context.data[HELD_KEY])


def list_remains(context: StepContext) -> tuple[str, ...]:
    """Return what still stands under the name."""
    seen = context.engine.observe(context.thing.name)
    return (*seen.remains, *seen.backup_ids) or ((context.thing.name,) if seen.exists else ())


def list_left_volumes(context: StepContext) -> list[ObservedVolume]:
    """Return the noted volumes that are still there, as long as they are what they were: this name's, or the one."""
    names, thing = set(context.data[KEPT_VOLUMES_KEY]), context.thing
    if not names:
        return []
    is_one = thing.thing is RemovableKind.VOLUME
    volumes = context.engine.observe_fleet().volumes
    return [volume for volume in volumes if volume.name in names and (is_one or volume.instance == thing.name)]
