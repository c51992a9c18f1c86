"""Application `backups`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackupsConfig(AppConfig):
    """Names the application for people."""

    name = "backups"
    verbose_name = _("Backups")

    def ready(self) -> None:
        """Register the kinds of operation of this app."""
        from backups.checklist import register_fleet_questions
        from backups.checklist_notes import answer_notes
        from backups.kinds.backup import BACKUP
        from backups.kinds.browse import BROWSE
        from backups.kinds.deletion import DELETE
        from backups.kinds.enlarge import ENLARGE
        from backups.kinds.prove import PROVE
        from backups.kinds.prune import PRUNE
        from backups.kinds.restore import RESTORE
        from backups.kinds.upgrade import UPGRADE
        from backups.kinds.verify import VERIFY
        from backups.records import record_lost
        from backups.terms import attach_terms, find_terms
        from operations.losses import listen_to_losses
        from operations.registry import register_kind
        from tenants.specs import register_backup_terms

        listen_to_losses(record_lost)
        register_fleet_questions(answer_notes)
        register_backup_terms(find_terms, attach=attach_terms)

        for kind in (BACKUP, VERIFY, BROWSE, PROVE, RESTORE, ENLARGE, UPGRADE, PRUNE, DELETE):
            register_kind(kind)
