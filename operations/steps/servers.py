"""Steps that start, stop and check an instance's servers. None of them waits: what is not ready yet answers Wait."""

from domain.errors import CiviparoisseError, ClusterConflict
from domain.specs import Component, ComponentPhase, ObservedInstance
from domain.start_stages import PREPARING, StartStage
from domain.states import InstanceState
from operations.endings import STATE_AFTER_KEY
from operations.outcomes import Done, Outcome, StepContext, Wait
from tenants.specs import select_wanted_components

WAITING_FOR_SERVERS = "waiting for the servers"
WAITING_FOR_PAGE = "waiting for the page"
READY = StartStage.READY
DATABASE_ONLY = frozenset({Component.DB})


def start_database(context: StepContext) -> Outcome:
    """Make the database server run and answer; web and cron stay as they are when they run already."""
    spec_components = DATABASE_ONLY | select_running(context.engine.observe(context.instance.identifier))
    observed = context.engine.apply(context.make_spec(spec_components))
    return await_running(observed, spec_components)


def start_all(context: StepContext) -> Outcome:
    """Make everything run that the instance should run."""
    wanted = select_wanted_components(context.instance)
    observed = context.engine.apply(context.make_spec(wanted))
    return await_running(observed, wanted)


def resume(context: StepContext) -> Outcome:
    """Start a suspended instance again on its volumes. Raise ClusterConflict where somebody else's field stays as it
    is; an instance that runs all the same is active."""
    wanted = select_wanted_components(context.instance)
    try:
        observed = context.engine.resume(context.make_spec(wanted))
    except ClusterConflict:
        if context.engine.observe(context.instance.identifier).is_running(wanted):
            context.data[STATE_AFTER_KEY] = InstanceState.ACTIVE.value
        raise
    return await_running(observed, wanted)


def stop(context: StepContext) -> Outcome:
    """Stop all servers and the cron; nothing is there to stop when the instance never existed."""
    observed = context.engine.observe(context.instance.identifier)
    if not observed.exists:
        return Done()
    try:
        observed = context.engine.suspend(context.make_spec(frozenset()))
    except CiviparoisseError as error:
        if error.code == "instance_lost" and context.instance.state == InstanceState.DELETING:
            return Done()  # what is left goes with the purge
        raise
    return await_running(observed, frozenset())


def smoke_test(context: StepContext) -> Outcome:
    """Read the page as a visitor would, until it shows the parish's name."""
    spec = context.make_spec(select_wanted_components(context.instance))
    probed = context.engine.probe(spec)
    if not probed.ok:
        return Wait(message=probed.detail or WAITING_FOR_PAGE)
    url = context.engine.observe(context.instance.identifier).url
    context.data["url"] = url
    return Done(result={"url": url, "answered_in_seconds": round(probed.seconds, 3)})


def select_running(observed: ObservedInstance) -> frozenset[Component]:
    """Return the components that run or are about to."""
    stopped = (ComponentPhase.STOPPED, ComponentPhase.FAILED)
    return frozenset(name for name, component in observed.components.items() if component.phase not in stopped)


def await_running(observed: ObservedInstance, wanted: frozenset[Component]) -> Outcome:
    """Return Done once exactly `wanted` runs, else Wait with what the engine says of those that failed."""
    if observed.is_running(wanted):
        return Done()
    failed = {name: observed.components[name] for name in sorted(wanted & observed.components.keys())}
    details = [f"{name}: {seen.detail}" for name, seen in failed.items() if seen.phase is ComponentPhase.FAILED]
    awaited = [observed.components[name] for name in wanted if name in observed.components]
    return Wait(
        message="; ".join(details) or WAITING_FOR_SERVERS,
        reached=sum(READY if seen.phase is ComponentPhase.READY else seen.stage for seen in awaited),
        is_preparing=any(seen.stage in PREPARING for seen in awaited if seen.phase is ComponentPhase.STARTING),
        is_hopeless=any(seen.is_hopeless for seen in awaited),
    )
