"""Error texts of prunings alone: message (what happened, to which instance) and hint (what to do)."""

from domain.error_texts import ErrorText
from domain.texts import mark as _

PRUNE_TEXTS = {
    "nothing_to_prune": ErrorText(
        _("%(instance)s has no backup that could be removed: all that there are stay."),
        _("Why each one stays: retention_preview %(instance)s. Ask for fewer days, or name the backups."),
    ),
    "prune_keeps_set": ErrorText(
        _("%(backup_id)s of %(instance)s stays: %(why)s."), _("Why each one stays: retention_preview %(instance)s")
    ),
    "prune_keeps_newest": ErrorText(
        _("%(backup_id)s is the newest good backup of %(instance)s of its scope, and stays."),
        _("Take a new one first: backup_run %(instance)s"),
    ),
    "prune_incomplete": ErrorText(
        _("The backup %(backup_id)s of %(instance)s was removed, and is still on its volume."),
        _("Look at the backup volume, then ask again."),
    ),
}
