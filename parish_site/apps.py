"""Application `parish_site`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParishSiteConfig(AppConfig):
    """Names the application for people."""

    name = "parish_site"
    verbose_name = _("Door of parishes")
