"""Application `clusters`."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClustersConfig(AppConfig):
    """Names the application for people."""

    name = "clusters"
    verbose_name = _("Clusters")

    def ready(self) -> None:
        """Register the check."""
        from clusters import checks  # noqa: F401 - importing registers it
