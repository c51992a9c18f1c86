"""Application `watch`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WatchConfig(AppConfig):
    """Names the application for people."""

    name = "watch"
    verbose_name = _("Watch")
