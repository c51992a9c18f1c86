"""Application `recovery`."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class RecoveryConfig(AppConfig):
    """Names the application for people."""

    name = "recovery"
    verbose_name = _("Disaster recovery")

    def ready(self) -> None:
        """Have an archive made before each migration and at each change of keys, and tell when none is fresh."""
        from backups.checklist import register_fleet_questions
        from operations.watch import register_fault_source
        from recovery.moments import archive_before_migration, forget_migration, listen_to_keys, listen_to_starts
        from recovery.watch import answer_archive, list_archive_faults

        register_fault_source(list_archive_faults)
        register_fleet_questions(answer_archive)
        pre_migrate.connect(archive_before_migration, dispatch_uid="recovery")
        post_migrate.connect(forget_migration, dispatch_uid="recovery")
        listen_to_keys()
        listen_to_starts()
