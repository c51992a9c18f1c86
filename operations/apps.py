"""Application `operations`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Names the application for people."""

    name = "operations"
    verbose_name = _("Operations")
