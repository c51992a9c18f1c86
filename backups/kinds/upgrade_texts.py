"""Error texts of upgrades alone: message (what happened, to which instance) and hint (what to do)."""

from domain.error_texts import ErrorText
from domain.texts import mark as _

UPGRADE_TEXTS = {
    "downgrade_refused": ErrorText(
        _("%(instance)s has %(product)s %(present)s and cannot go back to %(asked)s: data follows one way only."),
        _("Restore a backup taken before the upgrade, into an instance of that release."),
    ),
    "upgrade_unconfirmed": ErrorText(
        _("An upgrade of %(instance)s without a safety backup has no way back, and nobody confirmed it."),
        _("Repeat the identifier in `confirm` (--confirm %(instance)s), or keep the safety backup."),
        400,
    ),
    "upgrade_safety_backup_failed": ErrorText(
        _("%(instance)s was not upgraded: no safety backup of it could be taken (%(cause)s). %(detail)s"),
        _("Remove the cause. To upgrade without a way back: safety_backup false (--no-safety-backup)."),
    ),
    "upgrade_rolled_back": ErrorText(
        _(
            "The upgrade of %(instance)s to %(release)s failed (%(cause)s); its release is %(release_before)s again"
            " and its data is as it was before. %(detail)s"
        ),
        _("The log of operation %(operation)s has the details."),
    ),
    "upgrade_rollback_failed": ErrorText(
        _(
            "The upgrade of %(instance)s to %(release)s failed (%(cause)s), and what it changed could not be undone."
            " %(detail)s"
        ),
        _(
            "Web and cron of %(instance)s stay stopped. Put the safety backup back: restore_run %(instance)s"
            " --backup %(safety_backup_id)s --no-safety-backup --confirm %(instance)s"
        ),
    ),
    "upgrade_without_way_back": ErrorText(
        _("The upgrade of %(instance)s failed (%(cause)s), and no safety backup was taken. %(detail)s"),
        _("Web and cron of %(instance)s stay stopped. Restore another backup: backup_list --instance %(instance)s"),
    ),
}
