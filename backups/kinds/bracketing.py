"""Steps that several kinds about copies have in the same words: the database server before, the rows closed after."""

from django.utils.translation import gettext_lazy as _

from backups import steps as backup_steps
from domain.states import StepPhase
from operations.declarations import StepDefinition
from operations.steps import running

START_DATABASE = StepDefinition(
    name="start_database",
    function=backup_steps.ensure_database,
    label=_("Make sure the database server runs"),
)
SETTLE = StepDefinition(
    name="settle",
    function=backup_steps.settle,
    label=_("Close what was left open"),
    phase=StepPhase.ALWAYS,
)
PUT_BACK = StepDefinition(
    name="put_back",
    function=running.put_back,
    label=_("Start again what was running"),
    phase=StepPhase.ALWAYS,
    when=running.CHANGED_KEY,
)
