"""Remove: a namespace or volume without an Instance row is given up for good."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from clusters import removal_steps
from clusters.unowned import describe_removal, refuse_removal
from domain.states import KindRule
from operations.declarations import KindDefinition, StepDefinition
from operations.parameters import TYPED
from operations.permissions import REMOVE_UNOWNED
from operations.subjects import OBJECT_PARAMETERS

REMOVE = KindDefinition(
    code="remove_unowned",
    position=100,
    label=_("remove"),
    page_label=_("Remove…"),
    button_label=_("Remove"),
    icon="delete_forever",
    summary=gettext_noop(
        "Remove what an engine holds under a name that is no instance's (servers, volumes, backups), or a volume."
    ),
    path="removals",
    command="stray_remove",
    # It is about no instance: no state permits or forbids it.
    rule=KindRule(frozenset(), None, None, None),
    of_objects=True,
    unconfirmed="confirmation_mismatch",
    permissions=REMOVE_UNOWNED,
    parameters=(*OBJECT_PARAMETERS, TYPED),
    precheck=refuse_removal,
    describe=describe_removal,
    steps=(
        StepDefinition(
            name="look",
            function=removal_steps.look,
            label=_("See what there is to remove"),
        ),
        StepDefinition(
            name="remove",
            function=removal_steps.remove,
            label=_("Remove what stands under the name"),
            weight=2,
            deadline_setting="PURGE_TIMEOUT_SECONDS",
            touches_data=True,
        ),
        StepDefinition(
            name="remove_volumes",
            function=removal_steps.remove_volumes,
            label=_("Remove the volumes that are left"),
            weight=2,
            deadline_setting="PURGE_TIMEOUT_SECONDS",
            touches_data=True,
        ),
        StepDefinition(
            name="prove_removal",
            function=removal_steps.prove_removal,
            label=_("Prove that nothing remains"),
        ),
    ),
)
