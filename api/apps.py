"""Application `api`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """Names the application for people."""

    name = "api"
    verbose_name = _("REST API")
