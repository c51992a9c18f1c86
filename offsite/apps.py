"""Application `offsite`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OffsiteConfig(AppConfig):
    """Names the application for people."""

    name = "offsite"
    verbose_name = _("Copies elsewhere")

    def ready(self) -> None:
        """Register its kinds, let restores find what is no longer on its volume, and the checklist ask for copies."""
        from backups.checklist import register_question
        from backups.elsewhere import register_elsewhere
        from backups.holders import register_holder
        from offsite.copies import find_held
        from offsite.fetching import ensure_here, is_away
        from offsite.kinds.prune_copies import PRUNE_COPIES
        from offsite.opening import find_opened
        from offsite.protection import answer_remote_copies
        from operations.registry import register_kind

        register_elsewhere(ensure_here, is_away)
        register_holder(find_held)
        register_holder(find_opened)
        register_question(answer_remote_copies)
        register_kind(PRUNE_COPIES)
