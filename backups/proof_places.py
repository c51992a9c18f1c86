"""Where a set is proven: the parish's instance of kind verification, made for one proof and removed at its end.

Its row stays, deleted and purged, so that the next proof takes it again. The proof's operation holds its lock.
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from domain.errors import CiviparoisseError
from domain.names import compute_identifier, find_host_template
from domain.specs import InstanceKind
from domain.states import BackupState, InstanceState
from operations.outcomes import Outcome, StepContext
from operations.steps.failures import is_done
from operations.steps.provision import prepare
from tenants.models import Instance, Tenant
from tenants.registry import create_instance
from tenants.specs import make_instance_spec

# In the operation's data: identifier of the place, once its row is the proof's.
PLACE_KEY = "proof_place"
# The error of a place that its proof could not remove: the clock has it removed.
LEFT_CODE = "proof_left"
# An instance in one of these is somebody's, unless its error says that a proof left it. In every other state, without
# an operation that holds it, nobody but a proof can have left it.
OWNED = frozenset({InstanceState.NEW, InstanceState.ACTIVE, InstanceState.SUSPENDED, InstanceState.FAILED})


def take_place(production: Instance) -> Instance:
    """Return the row in which a set of `production` is proven: made, or taken again, with its plan, release and engine;
    no mail, no cron. Raise CiviparoisseError `proof_place_taken` where somebody else uses it."""
    identifier = compute_identifier(production.identifier, InstanceKind.VERIFICATION)
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=production.tenant_id)
        row = Instance.objects.filter(identifier=identifier).first()
        if row is None:
            row = create_instance(
                production.tenant,
                kind=InstanceKind.VERIFICATION,
                plan=production.plan,
                release=production.release,
                engine=production.engine,
                host_template=find_host_template(production.host, production.identifier),
            )
        elif not is_takeable(row):
            raise CiviparoisseError("proof_place_taken", instance=production.identifier, place=identifier)
        row.plan, row.release, row.engine = production.plan, production.release, production.engine
        row.state = InstanceState.PROVISIONING.value
        row.error_code, row.error_params, row.purged_at = "", {}, None
        row.grown_volumes = production.grown_volumes
        row.mail_enabled = row.cron_enabled = False
        row.save()
    return row


def is_takeable(row: Instance) -> bool:
    """Return whether nothing but what a proof left is at the place of that row: a person's own is never taken, nor the
    backups that were kept of it."""
    kept = row.backups.exclude(state=BackupState.DELETED.value).exists()
    return not kept and (row.state not in OWNED or row.error_code == LEFT_CODE)


def enter_place(context: StepContext) -> StepContext:
    """Return the context in which steps work on the place instead of the instance that the operation is of."""
    row = Instance.objects.select_related("tenant", "plan", "release").get(identifier=context.data[PLACE_KEY])
    made = is_done(context, prepare_place)
    return replace(
        context,
        subject=row,
        make_spec=lambda components: make_instance_spec(row, components=components, is_made=made),
    )


def prepare_place(context: StepContext) -> Outcome:
    """Make the place's volumes, configuration and secrets."""
    return prepare(enter_place(context))


def record_removed(identifier: str, *, now: datetime) -> None:
    """Note that nothing is left at the place."""
    Instance.objects.filter(identifier=identifier).update(
        state=InstanceState.DELETED.value, purged_at=now, url="", grown_volumes={}, error_code="", error_params={}
    )
