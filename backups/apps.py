"""Application `backups`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackupsConfig(AppConfig):
    """Names the application for people."""

    name = "backups"
    verbose_name = _("Backups")
