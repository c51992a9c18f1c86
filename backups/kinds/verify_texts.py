"""Error texts of verifications alone: message (what happened, to which instance) and hint (what to do)."""

from domain.error_texts import ErrorText
from domain.texts import mark as _

VERIFY_TEXTS = {
    "nothing_to_verify": ErrorText(
        _("%(instance)s has no good backup that could be read back."), _("Take one first: backup_run %(instance)s")
    ),
    "backups_not_good": ErrorText(
        _("Backups of %(instance)s that could not be read back whole: %(backup_ids)s (%(cause)s). %(detail)s"),
        _("What is damaged is marked as failed. Take a new one now: backup_run %(instance)s"),
    ),
}
