"""Back up: a set is taken and read back."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backups import steps as backup_steps
from backups.kinds.bracketing import PUT_BACK, SETTLE, START_DATABASE
from backups.parameters import BACKUP_PARAMETERS, describe_backup
from domain.states import InstanceState, KindRule, OperationKind
from operations.declarations import KindDefinition, ParishWords, StepDefinition
from operations.steps.running import CHANGED_KEY

BACKUP = KindDefinition(
    code=OperationKind.BACKUP,
    position=40,
    label=_("back up"),
    page_label=_("Back up…"),
    button_label=_("Back up"),
    icon="inventory_2",
    summary=gettext_noop("Take a backup."),
    path="backups",
    command="backup_run",
    rule=KindRule(frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED}), None, None, None),
    # It starts what it stopped again, with the plan as it is then.
    applies_plan_when=CHANGED_KEY,
    campaign_parameters=frozenset({"scope", "mode", "codec"}),
    expected_in=frozenset({InstanceState.ACTIVE}),
    parameters=BACKUP_PARAMETERS,
    describe=describe_backup,
    parish_words=ParishWords(meanwhile=_("Your site is being saved. It goes on working meanwhile.")),
    steps=(
        StepDefinition(
            name="begin",
            function=backup_steps.begin,
            label=_("Note what runs"),
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="stop_site",
            function=backup_steps.stop_site,
            label=_("Stop the web server and the cron"),
            when="cold",
        ),
        START_DATABASE,
        StepDefinition(
            name="take",
            function=backup_steps.take,
            label=_("Take the backup and read it back"),
            weight=8,
            max_attempts=3,
            deadline_setting="BACKUP_TIMEOUT_SECONDS",
        ),
        SETTLE,
        PUT_BACK,
    ),
)
