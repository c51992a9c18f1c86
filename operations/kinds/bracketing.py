"""Steps that several kinds have in the same words: what they do around their own work, about nightly backups."""

from django.utils.translation import gettext_lazy as _

from domain.states import StepPhase
from operations.declarations import StepDefinition
from operations.steps import schedules

AWAIT_BACKUP = StepDefinition(
    name="await_backup",
    function=schedules.await_backup,
    label=_("Wait until no nightly backup is at work"),
    deadline_setting="BACKUP_TIMEOUT_SECONDS",
)
HOLD_BACKUPS = StepDefinition(
    name="hold_backups",
    function=schedules.hold_backups,
    label=_("Wait until no nightly backup is at work"),
    deadline_setting="BACKUP_TIMEOUT_SECONDS",
)
RELEASE_BACKUPS = StepDefinition(
    name="release_backups",
    function=schedules.release_backups,
    label=_("Switch the nightly backup on again"),
    phase=StepPhase.ALWAYS,
    when=schedules.HELD_KEY,
)
