"""Application `offsite`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OffsiteConfig(AppConfig):
    """Names the application for people."""

    name = "offsite"
    verbose_name = _("Copies elsewhere")

    def ready(self) -> None:
        """Let restores find what is no longer on its volume."""
        from backups.elsewhere import register_elsewhere
        from backups.holders import register_holder
        from offsite.copies import find_held
        from offsite.fetching import ensure_here, is_away

        register_elsewhere(ensure_here, is_away)
        register_holder(find_held)
