"""Application `tenants`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TenantsConfig(AppConfig):
    """Names the application for people."""

    name = "tenants"
    verbose_name = _("Parishes")

    def ready(self) -> None:
        """Register the checks."""
        from tenants import checks  # noqa: F401 - importing registers them
