"""Application `finops`."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FinopsConfig(AppConfig):
    """Names the application for people."""

    name = "finops"
    verbose_name = _("Costs")

    def ready(self) -> None:
        """Register the rows' pages in the administration."""
        import_module("finops.pages.admin")
