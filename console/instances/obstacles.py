"""Why an action that the instance's state allows would lead to nothing: its button cannot be pressed, and says so."""

from django.utils.translation import gettext as _

from backups.models import Backup, BackupState
from domain.specs import InstanceKind
from domain.states import OperationKind
from operations.declarations import KindDefinition
from tenants.models import Instance

# A kind with one of these parameters reads a good backup.
READS = {"backup_id", "backup", "backup_ids"}


def find_obstacle(instance: Instance, kind: KindDefinition) -> str:
    """Return why asking for `kind` would lead to nothing now, as a sentence's end; empty when it would not."""
    offered = kind.list_offered()
    if kind.code == OperationKind.PRUNE:
        return "" if instance.backups.exclude(state=BackupState.DELETED).exists() else _("there is no backup to remove")
    if READS & {parameter.name for parameter in offered} and not has_restorable(instance):
        return _("there is no good backup yet")
    for parameter in offered:
        if parameter.is_required and parameter.offers is not None and not parameter.offers(instance):
            return _("there is no other one to choose")
    return ""


def has_restorable(instance: Instance) -> bool:
    """Return whether a good backup can be put into the instance: its own, or for a copy any of the parish's."""
    rows = Backup.objects.filter(state=BackupState.GOOD)
    if instance.kind == InstanceKind.PRODUCTION:
        return rows.filter(instance=instance).exists()
    return rows.filter(instance__tenant=instance.tenant_id).exists()
