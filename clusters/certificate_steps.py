"""The step of a renewal: the instance is applied as it is, which makes certificates that are due anew and restarts what
reads them. A failed instance stays failed: its data still waits for a person."""

import dataclasses
from typing import Any

from django.utils.translation import gettext as _

from domain.specs import Component, ComponentPhase
from operations.outcomes import Outcome, StepContext
from operations.steps.schedules import select_asked
from operations.steps.servers import await_running
from tenants.models import Instance

ASKED_KEY, READY_KEY = "asked", "ready"


def describe_renewal(instance: Instance, _parameters: dict[str, Any]) -> list[str]:
    """Return what a renewal does, in sentences."""
    names = {"instance": instance.identifier}
    return [
        _("Certificates of %(instance)s that expire within 30 days are made anew, and what reads them is restarted.")
        % names,
        _("What runs, and its state, stay as they are."),
    ]


def renew(context: StepContext) -> Outcome:
    """Apply what was asked for last, and wait until all that was well is well again."""
    if ASKED_KEY not in context.data:
        observed = context.engine.observe(context.instance.identifier)
        ready = [name for name, seen in observed.components.items() if seen.phase is ComponentPhase.READY]
        context.data[ASKED_KEY], context.data[READY_KEY] = sorted(select_asked(observed)), sorted(ready)
        context.save()
    observed = context.engine.apply(context.make_spec(frozenset(map(Component, context.data[ASKED_KEY]))))
    awaited = frozenset(map(Component, context.data[READY_KEY]))
    well = {name: seen for name, seen in observed.components.items() if name in awaited}
    return await_running(dataclasses.replace(observed, components=well), awaited)
