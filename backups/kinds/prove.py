"""Prove: a set is restored into an instance made for that, judged, and the instance is removed."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backups import proof_places, proof_steps, proofs
from backups.kinds.prove_texts import PROVE_TEXTS
from backups.prove_parameters import PROVE_PARAMETERS, describe_prove, validate_prove
from domain.specs import InstanceKind
from domain.states import InstanceState, KindRule, StepPhase
from operations.declarations import KindDefinition, StepDefinition

PROVE = KindDefinition(
    code="prove",
    position=47,
    label=_("prove a backup"),
    page_label=_("Prove a backup…"),
    button_label=_("Prove"),
    icon="verified",
    summary=gettext_noop("Restore a backup into an instance made for that, judge it there, and remove it."),
    path="proofs",
    rule=KindRule(frozenset({InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED}), None, None, None),
    campaign_parameters=frozenset(),
    reads_only=True,
    works_in=InstanceKind.VERIFICATION,
    of_kinds=frozenset({InstanceKind.PRODUCTION}),
    error_texts=PROVE_TEXTS,
    validate=validate_prove,
    parameters=PROVE_PARAMETERS,
    describe=describe_prove,
    steps=(
        StepDefinition(
            name="await_turn",
            function=proof_steps.await_turn,
            label=_("Wait for the proof before this one"),
            deadline_setting="VERIFY_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="take",
            function=proof_steps.take,
            label=_("See whether the set is there and the copy has room"),
        ),
        StepDefinition(
            name="clear",
            function=proof_steps.clear,
            label=_("Remove what an earlier proof may have left"),
            deadline_setting="PURGE_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="prepare",
            function=proof_places.prepare_place,
            label=_("Prepare volumes, configuration and secrets"),
        ),
        StepDefinition(
            name="fetch",
            function=proof_steps.fetch,
            label=_("Fetch the copy, where it comes from away"),
            weight=2,
            max_attempts=3,
            deadline_setting="RESTORE_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="initialise",
            function=proof_steps.initialise,
            label=_("Initialise the databases and the site"),
            weight=3,
            max_attempts=3,
            deadline_setting="INIT_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="start_database",
            function=proof_steps.start_database,
            label=_("Start the database server"),
        ),
        StepDefinition(
            name="check_data",
            function=proof_places.check_place,
            label=_("Check that the initial data is complete"),
        ),
        StepDefinition(
            name="restore",
            function=proof_steps.restore,
            label=_("Read the backup back and restore it"),
            weight=8,
            max_attempts=3,
            deadline_setting="RESTORE_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="judge",
            function=proof_steps.judge,
            label=_("Check counts, foreign keys, accounts and settings"),
            weight=3,
            max_attempts=3,
            deadline_setting="RESTORE_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="start_site",
            function=proof_steps.start_site,
            label=_("Start the web server"),
        ),
        StepDefinition(
            name="read_page",
            function=proof_steps.read_page,
            label=_("Read the parish's page"),
        ),
        StepDefinition(
            name="conclude",
            function=proof_steps.conclude,
            label=_("Tell what was found"),
        ),
        StepDefinition(
            name="write_report",
            function=proofs.write_report,
            label=_("Write the report"),
            phase=StepPhase.ALWAYS,
        ),
        StepDefinition(
            name="remove",
            function=proof_steps.remove,
            label=_("Remove the copy"),
            phase=StepPhase.ALWAYS,
            weight=2,
            max_attempts=10,
            deadline_setting="PURGE_TIMEOUT_SECONDS",
        ),
        StepDefinition(
            name="prove_removal",
            function=proof_steps.prove_removal,
            label=_("Prove that nothing remains"),
            phase=StepPhase.ALWAYS,
        ),
    ),
)
