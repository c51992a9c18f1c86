"""Steps of an adoption: look again, take its passwords and keys over, leave the mark."""

from clusters.adoption import look as look_at
from operations.outcomes import Done, Outcome, StepContext
from tenants.models import Instance

HOLDER_KEY = "holder"


def look(context: StepContext) -> Outcome:
    """Note whose it is, and keep its passwords and keys on the row: the next apply must write those, not new ones.
    Raise CiviparoisseError `nothing_to_adopt`."""
    found = look_at(context.instance)
    context.data.setdefault(HOLDER_KEY, found.holder)
    kept = {**context.instance.secrets, **found.secrets}
    if kept != context.instance.secrets:
        row = Instance.objects.get(pk=context.instance.pk)
        row.secrets = kept
        row.save(update_fields=["secrets"])
        context.instance.secrets = kept
    return Done()


def take(context: StepContext) -> Outcome:
    """Leave this manager's mark: from here on it is its own. Raise CiviparoisseError `namespace_foreign` when it became
    somebody else's meanwhile."""
    context.engine.adopt(context.instance.identifier, holder=context.data[HOLDER_KEY])
    return Done(result={"holder": context.data[HOLDER_KEY]})
