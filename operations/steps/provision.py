"""Steps of a provisioning that are not about servers."""

from django.conf import settings

from domain.errors import CiviparoisseError
from domain.specs import JobProgram
from operations.outcomes import Done, Outcome, StepContext, Wait
from operations.steps.programs import run_step_program
from operations.steps.volumes import remember_sizes
from tenants.models import Instance

# As in operations/kinds/provision.py: all tries together end before the step's own deadline.
TRIES = 3


def prepare(context: StepContext) -> Outcome:
    """Make volumes, configuration and secrets; nothing runs yet. A purge proven earlier no longer holds."""
    Instance.objects.filter(pk=context.instance.pk).update(purged_at=None)
    # Claims that an earlier deletion kept, with the backups, may be larger than the plan's.
    remember_sizes(context.instance, context.engine, context.instance.plan)
    context.engine.apply(context.make_spec(frozenset()))
    return Done()


def initialise(context: StepContext) -> Outcome:
    """Run the init program; it leaves what is initialised already as it is."""
    status = run_step_program(
        context,
        spec=context.make_spec(frozenset()),
        program=JobProgram.INIT,
        deadline_seconds=settings.INIT_TIMEOUT_SECONDS // TRIES,
    )
    return status if isinstance(status, Wait) else Done()


def check_data(context: StepContext) -> Outcome:
    """Check that the initial data is complete: an init that half failed looks like a success.

    See docs/traps.md#half-failed-init."""
    observed = context.engine.observe(context.instance.identifier)
    if not observed.initialised:
        raise CiviparoisseError("init_incomplete", instance=context.instance.identifier)
    return Done()
