"""Browse: what a set holds is listed, tables or files, beside whatever else the instance does."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backups import browse_steps
from backups.browse_parameters import BROWSE_PARAMETERS, describe_browse, validate_browse
from domain.states import InstanceState, KindRule
from operations.declarations import KindDefinition, StepDefinition

BROWSE = KindDefinition(
    code="browse",
    position=46,
    label=_("look into a backup"),
    page_label=_("Look into a backup…"),
    button_label=_("List"),
    icon="search",
    summary=gettext_noop("List or search the tables or the files of one backup."),
    path="browse",
    command="backup_browse",
    rule=KindRule(frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED}), None, None, None),
    reads_only=True,
    permissions=("tenants.view_instance", "operations.add_operation", "backups.view_backup"),
    validate=validate_browse,
    parameters=BROWSE_PARAMETERS,
    describe=describe_browse,
    steps=(
        StepDefinition(
            name="list",
            function=browse_steps.list_contents,
            label=_("List what the backup holds"),
            deadline_setting="VERIFY_TIMEOUT_SECONDS",
        ),
    ),
)
