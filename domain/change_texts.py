"""Texts of the errors of changes of the plan, upgrades and prunings: message, hint and, unless it is 409, the HTTP
status."""

from typing import Any

from domain.texts import mark as _

CHANGE_TEXTS: dict[str, tuple[Any, ...]] = {
    "resize_rolled_back": (
        _(
            "%(instance)s could not take the plan %(plan)s (%(cause)s) and has the plan %(plan_before)s again."
            " %(detail)s"
        ),
        _("The log of operation %(operation)s has the details."),
    ),
    "resize_rolled_back_grown": (
        _(
            "%(instance)s could not take the plan %(plan)s (%(cause)s) and has the plan %(plan_before)s again."
            " %(detail)s"
        ),
        _(
            "Its volumes that have grown stay as they are, since they cannot shrink."
            " The log of operation %(operation)s has the details."
        ),
    ),
    "resize_rollback_failed": (
        _(
            "%(instance)s could not take the plan %(plan)s (%(cause)s), and does not run with the plan"
            " %(plan_before)s either. %(detail)s"
        ),
        _("Look at the place where it runs, then make it run again: instance_resume %(instance)s"),
    ),
    "downgrade_refused": (
        _("%(instance)s has %(product)s %(present)s and cannot go back to %(asked)s: data follows one way only."),
        _("Restore a backup taken before the upgrade, into an instance of that release."),
    ),
    "upgrade_unconfirmed": (
        _("An upgrade of %(instance)s without a safety backup has no way back, and nobody confirmed it."),
        _("Repeat the identifier in `confirm` (--confirm %(instance)s), or keep the safety backup."),
        400,
    ),
    "upgrade_safety_backup_failed": (
        _("%(instance)s was not upgraded: no safety backup of it could be taken (%(cause)s). %(detail)s"),
        _("Remove the cause. To upgrade without a way back: safety_backup false (--no-safety-backup)."),
    ),
    "upgrade_rolled_back": (
        _(
            "The upgrade of %(instance)s to %(release)s failed (%(cause)s); its release is %(release_before)s again"
            " and its data is as it was before. %(detail)s"
        ),
        _("The log of operation %(operation)s has the details."),
    ),
    "upgrade_rollback_failed": (
        _(
            "The upgrade of %(instance)s to %(release)s failed (%(cause)s), and what it changed could not be undone."
            " %(detail)s"
        ),
        _(
            "Web and cron of %(instance)s stay stopped. Put the safety backup back: restore_run %(instance)s"
            " --backup %(safety_backup_id)s --no-safety-backup --confirm %(instance)s"
        ),
    ),
    "upgrade_without_way_back": (
        _("The upgrade of %(instance)s failed (%(cause)s), and no safety backup was taken. %(detail)s"),
        _("Web and cron of %(instance)s stay stopped. Restore another backup: backup_list --instance %(instance)s"),
    ),
    "prune_unconfirmed": (
        _("Backups of %(instance)s would be removed for good, and nobody confirmed it."),
        _("Repeat the identifier in `confirm` (--confirm %(instance)s)."),
    ),
    "nothing_to_prune": (
        _("%(instance)s has no backup that could be removed: all that there are stay."),
        _("Why each one stays: retention_preview %(instance)s. Ask for fewer days, or name the backups."),
    ),
    "prune_keeps_set": (
        _("%(backup_id)s of %(instance)s stays: %(why)s."),
        _("Why each one stays: retention_preview %(instance)s"),
    ),
    "policy_in_use": (
        _("The backup policy %(policy)s is in use: %(users)s."),
        _("Give these another policy first: policy_set INSTANCE POLICY"),
    ),
    "policy_exists": (
        _("There is a backup policy called %(policy)s already."),
        _("Choose another name, or change that one."),
    ),
    "nothing_to_verify": (
        _("%(instance)s has no good backup that could be read back."),
        _("Take one first: backup_run %(instance)s"),
    ),
    "backups_not_good": (
        _("Backups of %(instance)s that could not be read back whole: %(backup_ids)s (%(cause)s). %(detail)s"),
        _("What is damaged is marked as failed. Take a new one now: backup_run %(instance)s"),
    ),
    "nothing_to_prove": (
        _("%(instance)s has no good backup of everything that could be proven."),
        _("Take one first: backup_run %(instance)s"),
    ),
    "proof_of_production": (
        _("%(instance)s is not in production: only backups of production instances are proven."),
        _("Ask for it on the parish’s production instance."),
    ),
    "proof_place_taken": (
        _("The backups of %(instance)s are proven in %(place)s, which is in use."),
        _("Delete it first, with its backups: instance_delete %(place)s --purge-backups --confirm %(place)s"),
    ),
    "proof_counts_differ": (
        _("The copy of %(backup_id)s of %(instance)s holds %(found)s (%(what)s), and %(expected)s were backed up."),
        _("Choose another backup, and take a new one now: backup_run %(instance)s"),
    ),
    "proof_failed": (
        _("The backup %(backup_id)s of %(instance)s was restored to prove it, and that failed (%(cause)s). %(detail)s"),
        _("It may not save the parish. Take a new one and prove it: backup_run %(instance)s"),
    ),
    "proof_of_copy_failed": (
        _(
            "The copy of backup %(backup_id)s of %(instance)s at %(place)s was restored to prove it, and that failed"
            " (%(cause)s). %(detail)s"
        ),
        _("It may not save the parish; the set on its volume is not concerned. Prove that one too, and copy it again."),
    ),
    "proof_left": (
        _("A proof could not remove %(instance)s, which holds a copy of a backup."),
        _("It is tried again every hour. By hand: instance_delete %(instance)s --purge-backups --confirm %(instance)s"),
    ),
    "prune_keeps_newest": (
        _("%(backup_id)s is the newest good backup of %(instance)s of its scope, and stays."),
        _("Take a new one first: backup_run %(instance)s"),
    ),
    "backup_in_use": (
        _("The backup %(backup_id)s is being read by operation %(operation)s."),
        _("Wait until it has ended: operation_show %(operation)s"),
    ),
    "backup_leaving": (
        _("The backup %(backup_id)s is about to be removed by operation %(operation)s."),
        _("Choose another one, or cancel that operation first: operation_cancel %(operation)s"),
    ),
    "prune_incomplete": (
        _("The backup %(backup_id)s of %(instance)s was removed, and is still on its volume."),
        _("Look at the backup volume, then ask again."),
    ),
}
