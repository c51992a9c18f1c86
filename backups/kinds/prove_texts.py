"""Error texts of proofs alone: message (what happened, to which instance) and hint (what to do)."""

from domain.error_texts import ErrorText
from domain.texts import mark as _

PROVE_TEXTS = {
    "nothing_to_prove": ErrorText(
        _("%(instance)s has no good backup of everything that could be proven."),
        _("Take one first: backup_run %(instance)s"),
    ),
    "proof_of_production": ErrorText(
        _("%(instance)s is not in production: only backups of production instances are proven."),
        _("Ask for it on the parish’s production instance."),
    ),
    "proof_place_taken": ErrorText(
        _("The backups of %(instance)s are proven in %(place)s, which is in use."),
        _("Delete it first, with its backups: instance_delete %(place)s --purge-backups --confirm %(place)s"),
    ),
    "proof_counts_differ": ErrorText(
        _("The copy of %(backup_id)s of %(instance)s holds %(found)s (%(what)s), and %(expected)s were backed up."),
        _("Choose another backup, and take a new one now: backup_run %(instance)s"),
    ),
    "proof_failed": ErrorText(
        _("The backup %(backup_id)s of %(instance)s was restored to prove it, and that failed (%(cause)s). %(detail)s"),
        _("It may not save the parish. Take a new one and prove it: backup_run %(instance)s"),
    ),
    "proof_of_copy_failed": ErrorText(
        _(
            "The copy of backup %(backup_id)s of %(instance)s at %(place)s was restored to prove it, and that failed"
            " (%(cause)s). %(detail)s"
        ),
        _("It may not save the parish; the set on its volume is not concerned. Prove that one too, and copy it again."),
    ),
    "proof_left": ErrorText(
        _("A proof could not remove %(instance)s, which holds a copy of a backup."),
        _("It is tried again every hour. By hand: instance_delete %(instance)s --purge-backups --confirm %(instance)s"),
    ),
}
