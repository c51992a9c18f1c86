"""Application `offsite`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OffsiteConfig(AppConfig):
    """Names the application for people."""

    name = "offsite"
    verbose_name = _("Copies elsewhere")

    def ready(self) -> None:
        """Let restores find what is no longer on its volume, and the production checklist ask for copies."""
        from backups.checklist import register_question
        from backups.elsewhere import register_elsewhere
        from backups.holders import register_holder
        from offsite.copies import find_held
        from offsite.fetching import ensure_here, is_away
        from offsite.protection import answer_remote_copies

        register_elsewhere(ensure_here, is_away)
        register_holder(find_held)
        register_question(answer_remote_copies)
