"""What ran before an operation that stops servers, the way back to it, and what visitors are told meanwhile."""

from datetime import datetime, timedelta

from domain.closed_page import Closing
from domain.specs import Component, ComponentPhase, ObservedInstance
from domain.states import InstanceState
from operations.closing import RESULT_KEY, expect_closed_seconds
from operations.endings import STATE_BEFORE_KEY
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.steps.servers import WAITING_FOR_SERVERS, select_running
from tenants.models import Instance
from tenants.specs import select_wanted_components

RUNNING_BEFORE_KEY = "running_before"
CHANGED_KEY = "components_changed"
CLOSED_AT_KEY = "closed_at"


def put_back(context: StepContext) -> Outcome:
    """Run what ran before, and nothing else; what is so already is not touched."""
    wanted = select_components_before(context)
    if Component.HTTPD in wanted:
        _write_closing(context.instance, "", None)
    # What was down before, or waits for data that is missing, is asked for but not waited for.
    awaited = wanted & select_noted_running(context)
    observed = context.engine.observe(context.instance.identifier)
    if not is_back(observed, wanted=wanted, awaited=awaited):
        observed = context.engine.apply(context.make_spec(wanted))
    if is_back(observed, wanted=wanted, awaited=awaited):
        return Done()
    return Wait(message=WAITING_FOR_SERVERS)


def note_running(context: StepContext) -> ObservedInstance:
    """Keep in the operation's data what runs before anything is stopped; return what the engine sees."""
    observed = context.engine.observe(context.instance.identifier)
    running = sorted(component.value for component in select_running(observed))
    context.data.setdefault(RUNNING_BEFORE_KEY, running)
    return observed


def note_change(context: StepContext) -> None:
    """Remember, before it happens, that something is started or stopped: `put_back` will be needed."""
    if not context.data.get(CHANGED_KEY):
        context.data[CHANGED_KEY] = True
        context.save()


def note_closed(context: StepContext, observed: ObservedInstance) -> None:
    """Remember since when the site is closed, if its web server runs until now."""
    if Component.HTTPD in select_running(observed) and CLOSED_AT_KEY not in context.data:
        context.data[CLOSED_AT_KEY] = context.now.isoformat()
        context.save()
    if CLOSED_AT_KEY in context.data:
        _tell_closing(context, Closing.FOR_NOW)


def keep_closed(context: StepContext) -> None:
    """Leave the site closed after a failure, and have its page say so: it promises nothing any more."""
    if context.instance.closing:
        _tell_closing(context, Closing.UNTIL_MENDED)
        observed = context.engine.observe(context.instance.identifier)
        context.engine.apply(context.make_spec(select_running(observed)))


def _tell_closing(context: StepContext, closing: Closing) -> None:
    """Write on the instance's row what visitors are told, and when the site is expected back; the spec shows it."""
    back_at = None
    if closing is Closing.FOR_NOW:
        seconds = expect_closed_seconds(context.instance, context.operation.kind)
        closed_at = datetime.fromisoformat(context.data[CLOSED_AT_KEY])
        back_at = None if seconds is None else closed_at + timedelta(seconds=seconds)
    _write_closing(context.instance, closing.value, back_at)


def _write_closing(instance: Instance, closing: str, back_at: datetime | None) -> None:
    if (instance.closing, instance.back_at) != (closing, back_at):
        Instance.objects.filter(pk=instance.pk).update(closing=closing, back_at=back_at)
        instance.closing, instance.back_at = closing, back_at


def describe_closing(context: StepContext) -> dict[str, int]:
    """Return how many seconds the site was closed until now, for the result of an operation; empty: it was not."""
    closed_at = context.data.get(CLOSED_AT_KEY)
    if closed_at is None:
        return {}
    return {RESULT_KEY: round((context.now - datetime.fromisoformat(closed_at)).total_seconds())}


def select_noted_running(context: StepContext) -> frozenset[Component]:
    """Return what ran when the operation began."""
    return frozenset(Component(name) for name in context.data.get(RUNNING_BEFORE_KEY, ()))


def select_components_before(context: StepContext) -> frozenset[Component]:
    """Return what should run once the operation is over as if it had not been."""
    state = InstanceState(context.data[STATE_BEFORE_KEY])
    if state is InstanceState.ACTIVE:
        return select_wanted_components(context.instance)
    return frozenset() if state is InstanceState.SUSPENDED else select_noted_running(context)


def is_back(observed: ObservedInstance, *, wanted: frozenset[Component], awaited: frozenset[Component]) -> bool:
    """Return whether all of `awaited` is ready and nothing runs that is not in `wanted`."""
    ready = {name for name, component in observed.components.items() if component.phase is ComponentPhase.READY}
    return awaited <= ready and select_running(observed) <= wanted
