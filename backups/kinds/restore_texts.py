"""Error texts of restores alone: message (what happened, to which instance) and hint (what to do)."""

from domain.error_texts import ErrorText
from domain.texts import mark as _

RESTORE_TEXTS = {
    "restore_unconfirmed": ErrorText(
        _("A restore replaces the data of %(instance)s, and nobody confirmed it."),
        _("Repeat the identifier in `confirm` (--confirm %(instance)s)."),
    ),
    "restore_rolled_back": ErrorText(
        _("The restore of %(instance)s failed (%(cause)s) and its data is as it was before. %(detail)s"),
        _("The log of operation %(operation)s has the details."),
    ),
    "restore_rollback_failed": ErrorText(
        _("The restore of %(instance)s failed (%(cause)s), and what it changed could not be undone. %(detail)s"),
        _(
            "Web and cron of %(instance)s stay stopped. Put the safety backup back: restore_run %(instance)s"
            " --backup %(safety_backup_id)s --no-safety-backup --confirm %(instance)s"
        ),
    ),
    "restore_without_way_back": ErrorText(
        _("The restore of %(instance)s failed (%(cause)s), and no safety backup was taken. %(detail)s"),
        _("Web and cron of %(instance)s stay stopped. Restore another backup: backup_list --instance %(instance)s"),
    ),
    "safety_backup_failed": ErrorText(
        _("%(instance)s was not touched: no safety backup of it could be taken (%(cause)s). %(detail)s"),
        _("Remove the cause. To restore without a way back: safety_backup false (--no-safety-backup)."),
    ),
}
