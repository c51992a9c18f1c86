"""Application `parish_requests`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParishRequestsConfig(AppConfig):
    """Names the application for people."""

    name = "parish_requests"
    verbose_name = _("Requests of parishes")
